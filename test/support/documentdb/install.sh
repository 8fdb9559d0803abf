#!/usr/bin/env bash
# Builds a private root file system with PostgreSQL 18 and the DocumentDB extension out of Debian packages.
# Usage: install.sh DIR   Debian alone; 65 MB to download, 215 MB in DIR. Says each step on standard output.
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/../installer.sh"
dir=${1:?usage: install.sh DIR}
partial=$dir.partial
apt=$partial/apt
root=$partial/root
postgres=usr/lib/postgresql/18
extensions=usr/share/postgresql/18/extension

mkdir -p "$(dirname "$dir")"
lock "$dir.lock" # somebody else may be installing: theirs will do
[[ -e $dir/$extensions/documentdb.control ]] && exit 0
trap 'rm -rf "$partial"' EXIT
rm -rf "$partial" # left by one that was killed
mkdir -p "$apt"/{lists,archives}/partial "$root/bin"

# The mirror is the one in this machine's own apt configuration, never a host written here. Before its first update apt
# knows no labels.
codename=$(source /etc/os-release && echo "${VERSION_CODENAME:-sid}")
format='$(LABEL) $(RELEASE) $(COMPONENT) $(REPO_URI)'
mirror=$({ apt-get indextargets --format "$format" && apt-get indextargets --no-release-info --format "$format"; } |
  awk -v main="$codename main" '!uri && ($1 == "Debian" || $2 " " $3 == main) {uri = $4} END {print uri}')
[[ -n $mirror ]] || { echo 'no Debian mirror is configured on this machine' >&2; exit 1; }
# sid alone has the package; its release file may be old on a copy of the mirror, its signature is checked all the same.
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"

# An apt of its own: it meets neither the locks nor the packages of this machine.
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status";
Dir::Cache "$apt"; Dir::Cache::archives "$apt/archives";
Dir::Cache::pkgcache "pkgcache.bin"; Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
#clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success; #clear DPkg::Post-Invoke;
APT::Sandbox::User "root"; APT::Default-Release ""; APT::Install-Recommends "false";
Acquire::Check-Valid-Until "false"; Acquire::Retries "3"; Acquire::GzipIndexes "false"; Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
: >"$apt/status"
echo 'reading the list of the packages of Debian sid'
run apt-get -qq -c "$apt/apt.conf" update >&2

# To apt these look installed: what PostGIS needs for rasters and solids, and PostgreSQL to be a service of Debian.
left_out="debconf locales postgresql-client-common postgresql-common ssl-cert
  $(apt-cache -c "$apt/apt.conf" show postgresql-18-postgis-3 | grep -oE 'lib(gdal|sfcgal)[0-9][0-9a-z]*' | sort -u)"
cat >"$apt/status" <<STATUS
Package: left-out
Status: install ok installed
Version: 1
Architecture: all
Multi-Arch: foreign
Maintainer: nobody
Description: what is not needed here
Provides: $(printf '%s (= 9999), ' $left_out)left-out-too
STATUS
echo 'downloading PostgreSQL and DocumentDB'
run apt-get -qq -c "$apt/apt.conf" install -y --download-only \
  postgresql-18-documentdb base-passwd bubblewrap coreutils dash util-linux >&2

echo 'unpacking PostgreSQL and DocumentDB'
printf '%s\0' "$apt"/archives/*.deb >"$apt/archives.list"
# Without what packages do when dpkg installs them: nothing here is a service.
run xargs -0 -a "$apt/archives.list" -n 1 -P "$(nproc)" "$here/unpack.sh" "$root" >&2
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
ln -s postgis-3.control "$root/$extensions/postgis.control"
install -m 755 "$here/bwrap.sh" "$root/bin/bwrap"

# Nothing is left out that is needed.
libraries="$(echo "$root"/usr/lib/*-linux-gnu*):$root/$postgres/lib"
for file in "$root/$postgres"/bin/{initdb,postgres} "$root/$postgres"/lib/{pg_cron,pg_documentdb*,postgis-3,rum,vector}.so; do
  "$root"/usr/lib*/ld-linux*.so.* --inhibit-cache --library-path "$libraries" --list "$file" >"$apt/needed" ||
    { echo "$file misses a library: have install.sh leave out less" >&2; exit 1; }
done
chmod 755 "$root"
rm -rf "$dir"
mv "$root" "$dir"
