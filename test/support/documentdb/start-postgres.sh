#!/bin/sh
# Runs inside the sandbox, on /data: makes the cluster at the first start, then becomes PostgreSQL.
set -e
bin=/usr/lib/postgresql/18/bin
cluster=/data/cluster

# Every process of PostgreSQL inherits this lock. Whoever starts again right after a kill waits until the last one of
# the killed server is gone: two on one cluster would ruin it.
exec 9>/data/lock
flock -w 30 9 || { echo 'another server runs on this dbpath' >&2; exit 1; }

if [ ! -e /data/complete ]; then
  rm -rf "$cluster"
  if [ -e /template/complete ]; then
    cp -a /template/cluster "$cluster"
  else
    "$bin/initdb" -D "$cluster" -A trust -U postgres --no-locale -E UTF8 --no-sync >/dev/null
    cat /sandbox/postgresql.conf >>"$cluster/postgresql.conf"
    printf 'create extension documentdb cascade\ncreate extension documentdb_extended_rum\n' |
      "$bin/postgres" --single -D "$cluster" postgres >/dev/null
    # For the other servers of a test run, which do not start before this one answers.
    if [ -d /template ]; then
      cp -a "$cluster" /template/cluster
      touch /template/complete
    fi
  fi
  touch /data/complete
fi
# Left by a server that was killed: in here process ids begin at 1 again, and PostgreSQL would take itself for it.
rm -f "$cluster/postmaster.pid" /data/.s.PGSQL.5432 /data/.s.PGSQL.5432.lock
# Servers of a test run are killed, but outlive no power cut: what the kernel has is safe, and need not be on the disk.
# Full page writes stay: without them DocumentDB's indexes do not recover from a kill.
if [ -d /template ]; then set -- -c fsync=off; fi
exec "$bin/postgres" -D "$cluster" "$@"
