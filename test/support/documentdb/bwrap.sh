#!/bin/sh
# The bubblewrap of this root file system, run with its own libraries on a machine that may have others or none.
root=${0%/*}/..
for loader in "$root"/usr/lib*/ld-linux*.so.*; do
  for libraries in "$root"/usr/lib/*-linux-gnu*; do
    exec "$loader" --inhibit-cache --library-path "$libraries" "$root/usr/bin/bwrap" "$@"
  done
done
