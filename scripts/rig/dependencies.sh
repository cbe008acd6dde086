# shellcheck shell=bash
# The packages of package-lock.json, Node 24 among them. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

require_dependencies() {
  local installed=$root/node_modules/.package-lock.json lock=$root/package-lock.json
  if [[ ! -f $lock ]]; then
    say packages 'no package-lock.json here, so none are installed'
  elif [[ -f $installed && ! $lock -nt $installed ]]; then
    say packages 'installed as package-lock.json asks'
  else
    quietly npm-ci npm ci --prefix "$root" --no-audit --no-fund
    say packages "installed, with Node $("$root/node_modules/.bin/node" --version)"
  fi
}
