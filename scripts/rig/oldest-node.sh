# shellcheck shell=bash
# The oldest Node that the command line promises to run on (engines in package.json). Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

require_oldest_node() {
  local version=22.15.0 platform folder
  platform=$(node -p 'process.platform + "-" + process.arch')
  # The registry has no earlier one for it.
  if [[ $platform == linux-arm64 ]]; then version=22.18.0; fi
  folder=$rig/node/$version
  if [[ ! -x $folder/node ]]; then quietly oldest-node fetch_node "$platform" "$version" "$folder"; fi
  ln -sfn "$folder/node" "$bin/node-oldest"
  say node "$("$bin/node-oldest" --version) is there, the oldest that sea-trial promises to run on"
}

# fetch_node PLATFORM VERSION FOLDER: nothing but the program, of the package that node's own package stands on.
fetch_node() {
  local work=$state/oldest-node
  rm -rf "$work"
  mkdir -p "$work" "$3"
  npm pack --silent --pack-destination "$work" "node-$1@$2" &&
    tar -xzf "$work"/*.tgz -C "$work" --strip-components=2 package/bin/node &&
    mv "$work/node" "$3/node" &&
    rm -rf "$work"
}
