# shellcheck shell=bash
# Programs that the tests ask for a second opinion. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

tool_versions=(
  'act github.com/nektos/act@v0.2.87'
  'actionlint github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
)
# Where a Debian package is not to be had.
stand_in_tools=(
  'crane github.com/google/go-containerregistry/cmd/crane@v0.20.7'
  'docker-registry github.com/distribution/distribution/v3/cmd/registry@v3.0.0'
)

require_tools() {
  local entry
  if is_throwaway; then
    has crane || install_packages crane/newest
    has docker-registry || install_packages docker-registry/newest
    has skopeo || install_packages skopeo
  fi
  for entry in "${tool_versions[@]}"; do go_install "$entry"; done
  for entry in "${stand_in_tools[@]}"; do
    has "${entry%% *}" || go_install "$entry"
  done
  has skopeo || decline tools 'skopeo is missing. The tests read images back with it.' \
    'Install it by hand (Debian, Ubuntu: apt-get install skopeo).'
  say tools 'act, actionlint, crane, docker-registry and skopeo are there'
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
