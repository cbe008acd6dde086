# shellcheck shell=bash
# Stand-ins for the base images that tests and examples name, for machines that cannot reach
# Docker Hub. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/busybox.sh"
. "$(dirname "${BASH_SOURCE[0]}")/golang.sh"

require_base_images() {
  if ! uses_stand_in; then
    hub_answers || say images 'Docker Hub cannot be reached, and this engine has no mirror set up by these scripts'
    return 0
  fi
  start_stand_in
  stands_in_for library/busybox:1.37 || make_busybox
  stands_in_for library/golang:1.26 || make_golang
  say images "busybox and golang are served by $mirror"
}
