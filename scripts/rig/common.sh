# shellcheck shell=bash
# Words, paths and rules that every part of the set-up shares. Sourced, never run.
# shellcheck disable=SC2034 # The parts that read this use them.
! declare -F say >/dev/null || return 0
set -euo pipefail

# su without a dash leaves the administrator's folders out, and iptables and dockerd live there.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rig=${SEA_TRIAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sea-trial}/rig
bin=$rig/bin
state=$rig/state
mkdir -p "$bin" "$state"
PATH=$bin:$PATH

mirror=127.0.0.1:5000

# Where Go is told to stay as it is, modules that ask for a newer one cannot be built.
export GOTOOLCHAIN=${GOTOOLCHAIN:-auto}

say() { printf '%-12s%s\n' "$1" "$2"; }

# fail THING SENTENCE: a step went wrong.
fail() {
  say "$1" "$2" >&2
  exit 1
}

# decline THING SENTENCE...: somebody has to decide or to do something by hand.
decline() {
  local thing=$1
  shift
  printf '%-12s%s\n' "$thing" "$1" >&2
  shift
  if (($#)); then printf '            %s\n' "$@" >&2; fi
  exit 3
}

# quietly NAME COMMAND...: output goes to a log; on failure its end is shown.
quietly() {
  local log=$state/$1.log
  shift
  if ! "$@" >"$log" 2>&1 </dev/null 9>&-; then
    {
      printf '%s\n' "This command failed: $*"
      tail -n 20 "$log" | sed 's/^/    /'
      printf '%s\n' "The whole log is $log. Once the reason is removed, run the same command again."
    } >&2
    exit 1
  fi
}

has() { command -v "$1" >/dev/null 2>&1; }

# answers URL: some HTTP server is there and serves this. Node is on every machine that gets here, curl is not.
answers() {
  node -e 'fetch(process.argv[1], { method: "HEAD", signal: AbortSignal.timeout(3000), headers: { accept: process.argv[2] } })
    .then((r) => process.exit(r.ok || r.status === 401 ? 0 : 1), () => process.exit(1))' \
    "$1" 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' 2>/dev/null
}

# wait_for SECONDS COMMAND...
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= until)); then return 1; fi
    sleep 0.2
  done
}

# start_daemon NAME COMMAND...: outlives this script, writes NAME.log and NAME.pid.
start_daemon() {
  local name=$1
  shift
  setsid "$@" >"$state/$name.log" 2>&1 </dev/null 9>&- &
  echo $! >"$state/$name.pid"
}

# stop_daemon NAME PROGRAM: does nothing when the pid now belongs to another program.
stop_daemon() {
  local file=$state/$1.pid pid
  [[ -f $file ]] || return 0
  pid=$(<"$file")
  if is_running "$pid" "$2"; then
    kill "$pid"
    wait_for 30 has_ended "$pid" "$2" || fail "$1" "process $pid did not end within 30 s."
    say "$1" "stopped"
  fi
  rm -f "$file"
}

# is_running PID PROGRAM: a process that has ended and that nobody has waited for does not count.
is_running() {
  [[ $(cat "/proc/$1/comm" 2>/dev/null) == "$2" ]] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

has_ended() { ! is_running "$@"; }

# distribution: "debian 12"
distribution() { (. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}"); }

# A throw-away machine may be changed without a question; a person's own may not.
is_throwaway() { [[ $EUID == 0 && $(distribution) =~ ^debian\ (12|13)$ ]]; }

may_install() { is_throwaway || { [[ ${SEA_TRIAL_SETUP:-} == yes && $EUID == 0 ]] && has apt-get; }; }

# require_consent THING PACKAGES SENTENCE...: goes on only where PACKAGES may be installed. The last
# sentence says what to do by hand.
require_consent() {
  local thing=$1 packages=$2 command='npm test -- --yes'
  shift 2
  ! may_install || return 0
  if [[ ${purpose:-test} == demo ]]; then command='npm run demo -- --yes'; fi
  if has apt-get; then set -- "$@" "Or have apt install $packages: run as root" "  $command"; fi
  decline "$thing" "$@"
}
