#!/usr/bin/env bash
# Brings what `npm run demo` and `npm test` need, and only what is missing.
#
#   scripts/setup.sh [--for demo|test] [--yes]
#
# Everything that takes long lies in ${SEA_TRIAL_CACHE:-~/.cache/sea-trial}/rig, by name and version;
# logs and pids in its folder state/, programs in bin/. The file env there tells later steps
# (KEY=value lines): SEA_TRIAL_RIG_BIN, to be put before PATH, and SEA_TRIAL_HUB, "docker.io" or the
# host:port of the registry that stands in for it.
#
# A root user on Debian 12 or 13 gets what is missing through apt. Anybody else is asked first:
# without --yes (or SEA_TRIAL_SETUP=yes) nothing is installed, and the exit code is 3.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in common packages hub engine; do
  # shellcheck source=/dev/null
  . "$here/rig/$part.sh"
done

purpose=demo
while (($#)); do
  case $1 in
    --for) purpose=${2:-} && shift ;;
    --yes) yes=yes ;;
    *) decline setup "unknown argument $1." 'Usage: scripts/setup.sh [--for demo|test] [--yes]' ;;
  esac
  shift
done
[[ $purpose == demo || $purpose == test ]] || decline setup "--for is \"$purpose\"; it can be demo or test."

# One at a time: two terminals may ask at once.
exec 9>"$state/lock"
flock 9

require_engine
if uses_stand_in; then start_stand_in; fi
