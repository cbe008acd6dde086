# shellcheck shell=bash
# Programs that the tests ask for a second opinion, and that check the scripts. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/hub.sh"

tool_versions=(
  'act github.com/nektos/act@v0.2.87'
  'actionlint github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
)
# Where a Debian package is not to be had.
stand_in_tools=(
  'crane github.com/google/go-containerregistry/cmd/crane@v0.20.7'
  'docker-registry github.com/distribution/distribution/v3/cmd/registry@v3.0.0'
)
packaged_tools=(skopeo shellcheck)

require_tools() {
  local entry
  if is_throwaway; then
    has crane || try_packages crane/newest || true
    if ! has docker-registry && try_packages docker-registry/newest; then stop_packaged_registry; fi
  fi
  for entry in "${tool_versions[@]}"; do go_install "$entry"; done
  for entry in "${stand_in_tools[@]}"; do
    has "${entry%% *}" || go_install "$entry"
  done
  require_packaged_tools
  say tools 'act, actionlint, crane, docker-registry, skopeo and shellcheck are there'
}

require_packaged_tools() {
  local tool missing=()
  for tool in "${packaged_tools[@]}"; do has "$tool" || missing+=("$tool"); done
  ((${#missing[@]} > 0)) || return 0
  require_consent tools "${missing[*]}" \
    "${missing[*]} missing. The tests read images back with skopeo, and shellcheck reads the scripts." \
    "Install by hand (Debian, Ubuntu: sudo apt-get install ${missing[*]}), and run this again."
  install_packages "${missing[@]}"
}

# go_install 'NAME MODULE@VERSION': built once per version, then linked.
go_install() {
  local name=${1%% *} module=${1#* } folder program
  folder=$rig/$name/${module##*@}
  program=$(basename "${module%@*}")
  if [[ ! -x $folder/$program ]]; then
    GOBIN=$folder GOFLAGS='' CGO_ENABLED=0 quietly "$name" go install -trimpath -ldflags '-s -w' "$module"
  fi
  ln -sfn "$folder/$program" "$bin/$name"
}
