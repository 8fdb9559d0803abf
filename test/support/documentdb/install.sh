#!/usr/bin/env bash
# Builds a private root file system with PostgreSQL 18 and the DocumentDB extension out of Debian packages.
# Usage: install.sh DIR      Needs root on Debian; about 510 MB. Says each step on standard output.
set -euo pipefail
dir=${1:?usage: install.sh DIR}
complete=usr/share/postgresql/18/extension/documentdb.control

mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9 # somebody else may be installing: theirs will do
[[ -e $dir/$complete ]] && exit 0

if ! command -v mmdebstrap >/dev/null || ! command -v bwrap >/dev/null; then
  echo 'installing mmdebstrap and bubblewrap'
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    mmdebstrap bubblewrap debian-archive-keyring >&2
fi

# The mirror is the one in this machine's own apt configuration, never a host written here.
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' | awk '$1 == "Debian" {print $2; exit}')
[[ -n $mirror ]] || { echo 'no Debian mirror is configured on this machine' >&2; exit 1; }

echo 'unpacking PostgreSQL and DocumentDB from Debian sid'
rm -rf "$dir.partial"
# sid alone has the package; its release file may be old on a copy of the mirror, its signature is checked all the same.
mmdebstrap --quiet --variant=apt --include=postgresql-18-documentdb \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=*/bitcode/*' \
  --essential-hook='mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
  sid "$dir.partial" "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >&2
chmod 755 "$dir.partial"
rm -rf "$dir"
mv "$dir.partial" "$dir"
