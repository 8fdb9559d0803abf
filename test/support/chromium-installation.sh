# Run by chromium-installation.ts after installer.sh: installs Debian's package chromium-headless-shell on this machine.
command -v chromium-headless-shell >/dev/null && exit 0 # somebody else has installed it while we waited for the lock
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# Runs apt again as long as somebody else's apt runs. By itself it waits for some of its locks, not for those of its lists.
patiently() {
  until "$@" 2>"$said"; do
    grep -q 'Could not get lock' "$said" || { cat "$said" >&2; exit 100; }
    echo 'waiting for another apt on this machine'
    run sleep 1
  done
}
chromium=(apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=600 chromium-headless-shell)

echo 'reading the lists of packages'
patiently run apt-get update -qq
echo 'downloading chromium'
patiently run "${chromium[@]}" --download-only >/dev/null
echo 'installing chromium' # from here on it is not stopped, only waited for
patiently finish "${chromium[@]}"
