#!/usr/bin/env bash
# Stops what setup.sh started and takes back the handlers it registered. Packages, images and
# caches stay, so the next set-up is quick; removing ${SEA_TRIAL_CACHE:-~/.cache/sea-trial} ends those.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/rig/emulators.sh"

exec 9>"$state/lock"
flock 9

"$here/rig/cluster.sh" stop
"$here/rig/classic-engine.sh" stop
stop_daemon engine dockerd
stop_daemon registry docker-registry
remove_handlers
