# shellcheck shell=bash
# Docker Hub, or a registry on this machine that stands in for it. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

hub=$rig/hub/1

# The engine that has the stand-in as its mirror has decided already.
uses_stand_in() {
  [[ $(docker info --format '{{.RegistryConfig.Mirrors}}' 2>/dev/null) == *"$mirror"* ]]
}

hub_answers() { answers https://registry-1.docker.io/v2/; }

start_stand_in() {
  if answers "http://$mirror/v2/"; then
    say registry "$mirror answers in place of Docker Hub"
    return
  fi
  if ! has docker-registry; then
    require_consent registry docker-registry \
      "the engine's mirror is $mirror, where nothing answers, and docker-registry is not installed." \
      "Start what answers there, or take the mirror out of the engine's configuration."
    install_packages docker-registry/newest
    stop_packaged_registry
  fi
  mkdir -p "$hub/storage"
  cat >"$hub/config.yml" <<END
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: $hub/storage }
  delete: { enabled: true }
http: { addr: $mirror }
END
  start_daemon registry docker-registry serve "$hub/config.yml"
  wait_for 15 answers "http://$mirror/v2/" ||
    fail registry "nothing answers on $mirror; see $state/registry.log. Another program may hold that port."
  say registry "started on $mirror in place of Docker Hub"
}

# The package starts a registry of its own, with a password, on the port that the stand-in needs.
stop_packaged_registry() {
  [[ ! -d /run/systemd/system ]] || systemctl disable --quiet --now docker-registry
}

# stands_in_for REPOSITORY:TAG
stands_in_for() { answers "http://$mirror/v2/${1%:*}/manifests/${1##*:}"; }
