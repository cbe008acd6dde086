#!/usr/bin/env bash
# A Kubernetes of one machine, for builders of the driver kubernetes.
#
#   scripts/rig/cluster.sh start    prints its KUBECONFIG
#   scripts/rig/cluster.sh stop     takes everything but the programs away
#
# Kubernetes and etcd are built from their Go modules as one program (a quarter of an hour, once
# per version). A containerd of its own runs the pods, beside the engine's. Everything listens on
# 127.0.0.1 alone, and pods are in this machine's network, so that what is there is there for them.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/golang.sh"

kubernetes_version=v1.36.3
programs=$rig/kubernetes/$kubernetes_version
program=$programs/cluster
cluster=$state/cluster
kubeconfig=$cluster/kubeconfig
socket=$cluster/containerd.sock
sandbox=docker.io/sea-trial-rig/pause:1

start() {
  if ! kubectl get --raw /readyz >/dev/null 2>&1; then
    require_programs
    [[ -x $program ]] || build_cluster
    stop >&2
    install -d -m 700 "$cluster"
    make_certificates
    start_containerd
    start_api
    start_kubelet
  fi
  echo "$kubeconfig"
}

stop() {
  local part
  [[ -d $cluster ]] || return 0
  # As long as the API answers, the node takes its pods away itself.
  kubectl delete --all --all-namespaces --timeout=60s deployments,pods >/dev/null 2>&1 || true
  for part in kubelet kube-scheduler kube-controller-manager kube-apiserver etcd; do stop_daemon "$part" cluster >/dev/null; done
  end_pods
  stop_daemon cluster-containerd containerd >/dev/null
  remove_traces
  say cluster stopped
}

kubectl() { "$program" kubectl --kubeconfig "$kubeconfig" "$@"; }

require_programs() {
  if [[ $EUID != 0 ]] || ! has runc || ! has openssl || ! containerd_suffices; then
    decline cluster 'a cluster needs root, containerd 2.0 or later, runc and openssl (Debian: containerd, runc, openssl).'
  fi
}

containerd_suffices() {
  [[ $(containerd --version 2>/dev/null) =~ \ v?([0-9]+)\.[0-9]+\.[0-9]+ ]] && ((BASH_REMATCH[1] >= 2))
}

# write_module FILE: Kubernetes' parts are modules of their own, for which it has folders and everybody else a version.
write_module() {
  local theirs
  theirs=$(go mod download -json "k8s.io/kubernetes@$kubernetes_version" | sed -n 's/^\t"GoMod": "\(.*\)",*$/\1/p')
  [[ -n $theirs ]] || fail cluster "Kubernetes cannot be downloaded; \"go mod download k8s.io/kubernetes@$kubernetes_version\" says why."
  {
    printf 'module cluster\n\n'
    grep -E '^(go|godebug) ' "$theirs"
    printf '\nrequire k8s.io/kubernetes %s\n\n' "$kubernetes_version"
    sed -nE "s#^\t(k8s.io/[a-z0-9-]+) => \./staging/.*#replace \1 => \1 v0.${kubernetes_version#v1.}#p" "$theirs"
  } >"$1"
}

build_cluster() {
  local source=$state/cluster-source version=k8s.io/component-base/version
  go_suffices || require_go
  rm -rf "$source"
  mkdir -p "$source"
  cp "$here/cluster/main.go" "$source"
  write_module "$source/go.mod"
  CGO_ENABLED=0 GOFLAGS=-mod=mod quietly cluster-build nice go build -C "$source" -trimpath -tags 'osusergo netgo' \
    -ldflags "-s -w -X $version.gitVersion=$kubernetes_version" -o "$program" .
  rm -rf "$source"
}

# One authority, a certificate for the API, and one with which every part and the tests are its administrator.
make_certificates() {
  local folder=$cluster/certificates name
  local -A subjects=([server]='/CN=kube-apiserver' [admin]='/O=system:masters/CN=admin')
  install -d -m 700 "$folder"
  quietly cluster-authority openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=sea-trial-rig \
    -keyout "$folder/authority.key" -out "$folder/authority.crt"
  for name in server admin; do
    quietly "cluster-$name" openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "${subjects[$name]}" \
      -addext 'subjectAltName=IP:127.0.0.1' -addext 'basicConstraints=critical,CA:FALSE' \
      -CA "$folder/authority.crt" -CAkey "$folder/authority.key" -keyout "$folder/$name.key" -out "$folder/$name.crt"
  done
  (umask 077 && cat >"$kubeconfig") <<END
{
  "apiVersion": "v1", "kind": "Config", "current-context": "rig",
  "clusters": [{ "name": "rig", "cluster": { "server": "https://127.0.0.1:16443",
    "certificate-authority-data": "$(base64 -w 0 "$folder/authority.crt")" } }],
  "users": [{ "name": "admin", "user": {
    "client-certificate-data": "$(base64 -w 0 "$folder/admin.crt")",
    "client-key-data": "$(base64 -w 0 "$folder/admin.key")" } }],
  "contexts": [{ "name": "rig", "context": { "cluster": "rig", "user": "admin" } }]
}
END
}

start_containerd() {
  local hosts=$cluster/hosts
  mkdir -p "$cluster/net"
  # The node is only ready once there is a network for pods, whoever needs it.
  echo '{"cniVersion":"1.0.0","name":"none","plugins":[{"type":"loopback"}]}' >"$cluster/net/none.conflist"
  if uses_stand_in; then
    mkdir -p "$hosts/docker.io"
    printf '[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$mirror" >"$hosts/docker.io/hosts.toml"
  fi
  cat >"$cluster/containerd.toml" <<END
version = 3
root = '$cluster/containerd'
state = '$cluster/run'
[grpc]
  address = '$socket'
[plugins.'io.containerd.cri.v1.images']
  pinned_images = { sandbox = '$sandbox' }
  registry = { config_path = '$hosts' }
[plugins.'io.containerd.cri.v1.runtime']
  # Root in a container may not put its pods before others.
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  conf_dir = '$cluster/net'
END
  start_daemon cluster-containerd containerd --config "$cluster/containerd.toml"
  wait_for 30 ctr --address "$socket" version || give_up cluster-containerd 'containerd does not answer'
  import_sandbox
}

# What holds a pod's namespaces: a program that only waits.
import_sandbox() {
  local work=$cluster/sandbox
  mkdir -p "$work"
  printf 'FROM scratch\nCOPY pause /\nENTRYPOINT ["/pause"]\n' >"$work/Dockerfile"
  [[ -x $programs/pause ]] ||
    CGO_ENABLED=0 GOFLAGS='' quietly cluster-pause go build -trimpath -ldflags '-s -w' -o "$programs/pause" "$here/cluster/pause.go"
  cp "$programs/pause" "$work"
  BUILDX_CONFIG=$state/buildx quietly cluster-sandbox docker buildx build --builder default --provenance=false \
    --output "type=docker,name=$sandbox,dest=$work/image.tar" "$work"
  quietly cluster-import ctr --address "$socket" --namespace k8s.io images import "$work/image.tar"
  rm -rf "$work"
}

start_api() {
  local folder=$cluster/certificates address=127.0.0.1 etcd peers
  etcd=https://$address:16445
  peers=https://$address:16446
  start_daemon etcd "$program" etcd --name rig --data-dir "$cluster/etcd" --unsafe-no-fsync --log-level warn \
    --cert-file "$folder/server.crt" --key-file "$folder/server.key" --client-cert-auth \
    --trusted-ca-file "$folder/authority.crt" --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
    --peer-cert-file "$folder/server.crt" --peer-key-file "$folder/server.key" --peer-client-cert-auth \
    --peer-trusted-ca-file "$folder/authority.crt" --listen-peer-urls "$peers" \
    --initial-advertise-peer-urls "$peers" --initial-cluster "rig=$peers"
  start_daemon kube-apiserver "$program" kube-apiserver --etcd-servers "$etcd" --etcd-cafile "$folder/authority.crt" \
    --etcd-certfile "$folder/admin.crt" --etcd-keyfile "$folder/admin.key" \
    --bind-address "$address" --advertise-address "$address" --secure-port 16443 --endpoint-reconciler-type none \
    --tls-cert-file "$folder/server.crt" --tls-private-key-file "$folder/server.key" \
    --client-ca-file "$folder/authority.crt" --authorization-mode RBAC --allow-privileged \
    --kubelet-client-certificate "$folder/admin.crt" --kubelet-client-key "$folder/admin.key" \
    --kubelet-preferred-address-types InternalIP --service-cluster-ip-range 127.127.0.0/24 \
    --service-account-issuer https://rig --service-account-key-file "$folder/authority.key" \
    --service-account-signing-key-file "$folder/authority.key"
  wait_for 120 kubectl get --raw /readyz || give_up kube-apiserver 'the API does not answer'
  start_daemon kube-controller-manager "$program" kube-controller-manager --kubeconfig "$kubeconfig" --secure-port 0 \
    --leader-elect=false --root-ca-file "$folder/authority.crt" --service-account-private-key-file "$folder/authority.key" \
    --use-service-account-credentials
  start_daemon kube-scheduler "$program" kube-scheduler --kubeconfig "$kubeconfig" --secure-port 0 --leader-elect=false
  quietly cluster-network kubectl apply --filename "$here/cluster/host-network.yaml"
}

start_kubelet() {
  cat >"$cluster/kubelet.json" <<END
{
  "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
  "address": "127.0.0.1", "port": 16444, "healthzPort": 0,
  "authentication": { "anonymous": { "enabled": false }, "webhook": { "enabled": false },
    "x509": { "clientCAFile": "$cluster/certificates/authority.crt" } },
  "authorization": { "mode": "AlwaysAllow" },
  "containerRuntimeEndpoint": "unix://$socket", "podLogsDir": "$cluster/logs", "volumePluginDir": "$cluster/plugins",
  "failSwapOn": false, "failCgroupV1": false, "cgroupDriver": "cgroupfs",
  "cgroupsPerQOS": false, "enforceNodeAllocatable": [], "makeIPTablesUtilChains": false,
  "evictionHard": { "nodefs.available": "1%", "imagefs.available": "1%", "memory.available": "50Mi" },
  "imageGCHighThresholdPercent": 100
}
END
  # By a number it may be on the loopback, where no look-up of a name would place it.
  start_daemon kubelet "$program" kubelet --kubeconfig "$kubeconfig" --config "$cluster/kubelet.json" \
    --root-dir "$cluster/kubelet" --cert-dir "$cluster/certificates" --hostname-override 127.0.0.1
  wait_for 120 kubectl wait --for=condition=Ready node/127.0.0.1 --timeout=1s || give_up kubelet 'the node is not ready'
  wait_for 60 kubectl get serviceaccount default || give_up kube-controller-manager 'nobody makes what pods need'
}

# give_up PART SENTENCE
give_up() {
  tail -n 20 "$state/$1.log" | sed 's/^/    /' >&2
  fail cluster "$2. The whole log is $state/$1.log."
}

# What ran in pods when the node went.
end_pods() {
  local names
  mapfile -t names < <(ctr --address "$socket" --namespace k8s.io tasks list --quiet 2>/dev/null)
  if ((${#names[@]})); then
    ctr --address "$socket" --namespace k8s.io tasks delete --force "${names[@]}" >/dev/null 2>&1 || true
  fi
}

remove_traces() {
  local point group
  while read -r point; do umount "$point"; done < <(awk -v under="$cluster/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r)
  for group in /sys/fs/cgroup/k8s.io /sys/fs/cgroup/*/k8s.io; do
    [[ ! -d $group ]] || rmdir "$group" 2>/dev/null || true
  done
  rm -rf "$cluster"
}

case ${1:-} in
  start | stop) "$1" ;;
  *) decline cluster 'say what: cluster.sh start|stop' ;;
esac
