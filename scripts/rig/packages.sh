# shellcheck shell=bash
# Debian packages. Newer suites are read through an apt configuration of our own, so that
# the machine's sources, lists and pins stay as they are. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

apt=$rig/apt/1
apt_options=(
  -o Dir::Etc::sourceparts="$apt/sources"
  -o Dir::Etc::preferences="$apt/preferences"
  -o Dir::State::lists="$apt/lists"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
  -o DPkg::Lock::Timeout=300
  -o Acquire::Retries=3 -o Acquire::Languages=none
  # A configuration file that somebody changed stays as it is; the question would find nobody.
  -o DPkg::Options::=--force-confold
)

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_uri: where the machine itself takes Debian from. --print-uris needs no lists, which a new machine lacks.
debian_uri() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get update --print-uris |
    awk -v rest="/dists/$codename/main/binary-" -F "'" '!found && (at = index($2, rest)) { print substr($2, 1, at - 1); found = 1 }'
}

# write_source FILE SUITES
write_source() {
  local uri
  uri=$(debian_uri)
  [[ -n $uri ]] || fail packages "apt's sources name no Debian archive, so no package can be had."
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$uri" "$2" "$keyring" >"$1"
}

# newer_suites: those beyond the machine's own, highest priority first.
newer_suites() {
  case $(distribution) in
    'debian 12') echo 'bookworm-backports trixie forky' ;;
    'debian 13') echo 'forky' ;;
  esac
}

prepare_apt() {
  local file suite priority=70
  rm -rf "$apt/sources" "$apt/preferences"
  mkdir -p "$apt/sources" "$apt/lists/partial"
  for file in /etc/apt/sources.list.d/*; do
    [[ -e $file ]] && ln -s "$file" "$apt/sources/"
  done
  : >"$apt/preferences"
  [[ -n $(newer_suites) ]] || return 0
  write_source "$apt/sources/sea-trial.sources" "$(newer_suites)"
  for suite in $(newer_suites); do
    # Below 100: an installed version always wins, so nothing that is there moves.
    printf 'Package: *\nPin: release n=%s\nPin-Priority: %s\n\n' "$suite" "$priority" >>"$apt/preferences"
    priority=$((priority - 10))
  done
}

# install_packages NAME...: NAME/newest means the newest suite of newer_suites that serves them all,
# else the machine's own. A mirror in the middle of its synchronisation serves a suite that cannot
# be read, for days at times, so one is not enough.
install_packages() {
  local served_by
  read_lists
  quietly apt-install apt_install_from_suites "$@"
  say_suite "$@"
}

# try_packages NAME...: the same, for what can be had in another way.
try_packages() {
  local served_by
  read_lists
  if apt_install_from_suites "$@" >"$state/apt-install.log" 2>&1 </dev/null 9>&-; then say_suite "$@"; else return 1; fi
}

read_lists() {
  [[ ! -f $apt/fresh.$$ ]] || return 0
  prepare_apt
  rm -f "$apt"/fresh.*
  # A source that does not answer is no reason to stop: the install tells.
  apt-get "${apt_options[@]}" update >"$state/apt-update.log" 2>&1 </dev/null || true
  touch "$apt/fresh.$$"
}

# apt_install_from_suites NAME...: leaves the suite in served_by, the machine's own as nothing.
apt_install_from_suites() {
  local suites=()
  if [[ "$*" == */newest* ]]; then mapfile -t suites < <(newer_suites | tr ' ' '\n' | tac); fi
  for served_by in "${suites[@]}" ''; do
    ! apt_install "${@/%\/newest/${served_by:+/$served_by}}" || return 0
  done
  # The reason often stands in the update before it.
  echo 'What apt said when it read the archives:'
  grep '^[EW]:' "$state/apt-update.log" || echo nothing
  return 1
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get "${apt_options[@]}" install -y --no-install-recommends --no-remove "$@"
}

# say_suite NAME...: that they are not the newest explains what is different later.
say_suite() {
  local newest
  newest=$(newer_suites | awk '{ print $NF }')
  [[ "$*" == */newest* && $served_by != "$newest" ]] || return 0
  say packages "Debian's $newest does not serve ${*/%\/newest/} now (see $state/apt-update.log); ${served_by:-the release installed here} does"
}
