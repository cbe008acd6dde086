# shellcheck shell=bash
# A Docker engine: the one that answers, or one that is installed and started here. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/hub.sh"

# engine_packages: on a person's own machine, only what it takes to build and run.
engine_packages() {
  echo docker.io/newest docker-buildx/newest
  if is_throwaway; then
    echo docker-cli/newest containerd/newest qemu-user/newest iptables iproute2 ca-certificates
  fi
}

engine_version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

image_store() {
  case $(docker info --format '{{.DriverStatus}}') in
    *io.containerd.snapshotter*) echo 'containerd image store' ;;
    *) echo 'classic image store' ;;
  esac
}

require_engine() {
  local how=answers
  if ! engine_version >/dev/null; then
    start_engine
    how=started
  fi
  if ! docker buildx version >/dev/null 2>&1; then require_buildx; fi
  say engine "Docker $(engine_version) $how ($(image_store))"
}

require_buildx() {
  require_consent engine docker-buildx 'docker buildx is missing. The tests and the demo build with it.' \
    'Install it by hand as Docker describes it, and run this again.'
  install_packages docker-buildx/newest
  docker buildx version >/dev/null 2>&1 || fail engine 'docker buildx is installed, but this docker does not find it.'
}

start_engine() {
  local packages
  if [[ -n ${DOCKER_HOST:-} ]]; then
    decline engine "no engine answers at DOCKER_HOST=$DOCKER_HOST." 'Start it, or unset DOCKER_HOST.'
  fi
  if [[ -S /var/run/docker.sock && ! -w /var/run/docker.sock ]]; then
    decline engine 'there is an engine, but this user may not talk to it (/var/run/docker.sock).' \
      "Join the group docker (sudo usermod -aG docker $(id -un), then log in again), or run this as root."
  fi
  require_consent engine 'docker.io and docker-buildx and start dockerd' 'no Docker engine answers.' \
    'Is one installed? Then start it (sudo systemctl start docker) and run this again.' \
    'Otherwise install one by hand as Docker describes it.'
  configure_engine
  if ! has dockerd || ! has docker; then
    mapfile -t packages < <(engine_packages | tr ' ' '\n')
    install_packages "${packages[@]}"
    # Ubuntu's docker.io has the command, Debian's has not.
    has docker || install_packages docker-cli/newest
  fi
  # On a machine with an init system the package has started it already.
  engine_version >/dev/null || run_dockerd
}

configure_engine() {
  local mirrors=''
  hub_answers || mirrors=",\"registry-mirrors\":[\"http://$mirror\"]"
  if cmp -s "$state/daemon.json" /etc/docker/daemon.json; then rm /etc/docker/daemon.json; fi
  if [[ -e /etc/docker/daemon.json ]]; then
    say engine '/etc/docker/daemon.json is there and stays as it is'
    return
  fi
  mkdir -p /etc/docker
  printf '{"features":{"containerd-snapshotter":true},"insecure-registries":["127.0.0.1/8"]%s}\n' "$mirrors" |
    tee "$state/daemon.json" >/etc/docker/daemon.json
}

run_dockerd() {
  # A pid file that outlived its process stops dockerd from starting when the number is in use again.
  if [[ -f /var/run/docker.pid ]] && ! is_running "$(</var/run/docker.pid)" dockerd; then
    rm -f /var/run/docker.pid
  fi
  start_daemon engine dockerd
  if ! wait_for 60 engine_version; then
    tail -n 20 "$state/engine.log" | sed 's/^/    /' >&2
    fail engine "dockerd does not answer after 60 s. The whole log is $state/engine.log."
  fi
}
