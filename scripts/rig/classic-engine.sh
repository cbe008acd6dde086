#!/usr/bin/env bash
# A second engine, with the classic image store.
#
#   scripts/rig/classic-engine.sh start    prints its DOCKER_HOST
#   scripts/rig/classic-engine.sh stop     its images stay for the next time
#
# It pulls and pushes as the first one does, but its containers (and the RUN steps of its builds)
# reach only each other and this machine, unless they use the host's network.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/hub.sh"

home=$rig/classic/1
host=unix://$state/classic.sock
# --bridge=none would delete the first engine's bridge, so this engine has one of its own.
bridge=docker1
address=172.30.255.1/24

start() {
  local mirrors=''
  if classic_answers; then
    # The bridge may have gone meanwhile, and no container would start then.
    [[ $EUID != 0 ]] || ! has ip || make_bridge
  else
    if [[ $EUID != 0 ]] || ! has dockerd || ! has ip; then
      decline engine 'a second engine needs root, dockerd and ip (Debian: docker.io, iproute2).'
    fi
    uses_stand_in && mirrors="\"http://$mirror\""
    mkdir -p "$home"
    printf '{"features":{"containerd-snapshotter":false},"insecure-registries":["127.0.0.1/8"],"registry-mirrors":[%s]}\n' \
      "$mirrors" >"$home/daemon.json"
    make_bridge
    start_daemon classic dockerd --config-file "$home/daemon.json" --data-root "$home/data" \
      --exec-root "$state/classic" --pidfile "$state/classic-engine.pid" --host "$host" \
      --bridge "$bridge" --iptables=false --ip6tables=false
    wait_for 60 classic_answers || {
      tail -n 20 "$state/classic.log" >&2
      fail engine "the second engine does not answer after 60 s. The whole log is $state/classic.log."
    }
  fi
  echo "$host"
}

stop() {
  stop_daemon classic dockerd
  [[ ! -e /sys/class/net/$bridge ]] || ip link delete "$bridge"
}

classic_answers() { docker --host "$host" version --format '{{.Server.Version}}' >/dev/null 2>&1; }

make_bridge() {
  [[ -e /sys/class/net/$bridge ]] || ip link add "$bridge" type bridge
  ip address replace "$address" dev "$bridge"
  ip link set "$bridge" up
}

case ${1:-} in
  start | stop) "$1" ;;
  *) decline engine 'say what: classic-engine.sh start|stop' ;;
esac
