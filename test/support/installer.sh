# Sourced by what installs something: what it begins ends with it, and it can be stopped at any time.
# Whatever takes long runs beside the script and in a process group of its own, or a signal would have to wait for it.
set -euo pipefail
finishing=

# Runs a program that ends when this script is stopped or killed.
run() {
  setpriv --pdeathsig KILL -- setsid "$@" </dev/null &
  wait "$!"
}

# Runs a program that must not be cut off: dpkg would leave packages half installed. What it says goes to a file, since
# whoever reads this script's output may be killed.
finish() {
  local said code=0
  said=$(mktemp)
  exec 8>"$said"
  rm "$said"
  setsid "$@" </dev/null >&8 2>&8 &
  finishing=$!
  wait "$finishing" || code=$?
  finishing=
  [[ $code == 0 ]] || cat /proc/self/fd/8 >&2
  return "$code"
}

# Waits until nobody else has this lock. The kernel gives it back when the last process of this script is gone.
lock() {
  exec 9>"$1"
  run flock 9
}

stop() {
  trap '' HUP INT PIPE TERM
  for job in $(jobs -p); do
    [[ $job == "$finishing" ]] || kill -- "-$job" 2>/dev/null || kill "$job" 2>/dev/null || true # it may have ended
  done
  [[ -z $finishing ]] || echo 'finishing what must not be cut off' || true # nobody may listen any more
  wait || true
  exit "$1"
}
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 141' PIPE
trap 'stop 143' TERM
