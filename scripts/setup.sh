#!/usr/bin/env bash
# Brings what `npm run demo` and `npm test` need, and only what is missing.
#
#   scripts/setup.sh [--for demo|test] [--yes]
#
# Everything that takes long lies in ${SEA_TRIAL_CACHE:-~/.cache/sea-trial}/rig, by name and version;
# logs and pids in its folder state/, programs in bin/. The file env there tells later steps, in
# KEY=value lines:
#   SEA_TRIAL_RIG_BIN           the folder bin/, to be put before PATH
#   SEA_TRIAL_HUB               docker.io, or the host:port of the registry that stands in for it
#   SEA_TRIAL_BUILDKITD_CONFIG  where there is one: what docker-container builders need to find it
#   SEA_TRIAL_BUILDPACKS        where there are any: a builder and its parts (rig/buildpacks.sh)
#
# A root user on Debian 12 or 13 gets what is missing through apt. Anybody else is asked first:
# without --yes (or SEA_TRIAL_SETUP=yes) nothing is installed, and the exit code is 3. `npm run demo`
# and `npm test` hand --yes on.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/rig/dependencies.sh"
. "$here/rig/engine.sh"
. "$here/rig/base-images.sh"
. "$here/rig/emulators.sh"
. "$here/rig/tools.sh"
. "$here/rig/buildpacks.sh"
. "$here/rig/oldest-node.sh"

purpose=demo
while (($#)); do
  case $1 in
    --for)
      purpose=${2:-}
      shift
      ;;
    --yes) export SEA_TRIAL_SETUP=yes ;;
    *) decline setup "unknown argument $1." 'Usage: scripts/setup.sh [--for demo|test] [--yes]' ;;
  esac
  shift || true
done
[[ $purpose == demo || $purpose == test ]] || decline setup "--for is \"$purpose\"; it can be demo or test."

write_environment() {
  local hub=docker.io
  if uses_stand_in; then hub=$mirror; fi
  {
    echo "SEA_TRIAL_RIG_BIN=$bin"
    echo "SEA_TRIAL_HUB=$hub"
    if [[ -f $rig/buildkitd.toml ]]; then echo "SEA_TRIAL_BUILDKITD_CONFIG=$rig/buildkitd.toml"; fi
    if [[ -d $builders ]]; then echo "SEA_TRIAL_BUILDPACKS=$builders"; fi
  } >"$rig/env"
}

# One at a time: two terminals may ask at once.
exec 9>"$state/lock"
flock 9

require_dependencies
require_engine
require_base_images
case $purpose in
  demo) require_emulators aarch64 s390x ;;
  test)
    require_emulators aarch64 arm ppc64le riscv64 s390x
    require_go
    require_tools
    require_oldest_node
    if uses_stand_in; then "$here/rig/buildkit.sh"; fi
    require_buildpacks
    ;;
esac
write_environment
