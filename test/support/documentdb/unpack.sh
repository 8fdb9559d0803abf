#!/usr/bin/env bash
# Unpacks a Debian package, but for what a server does not read.
# Usage: unpack.sh ROOT PACKAGE
set -euo pipefail
dpkg-deb --fsys-tarfile "$2" | tar -x -C "$1" \
  --exclude=./usr/share/{doc,info,lintian,locale,man} --exclude=bitcode
