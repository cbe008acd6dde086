#!/usr/bin/env bash
# moby/buildkit for docker-container builders, where Docker Hub cannot be reached: BuildKit and runc
# are built from their Go modules (about five minutes, once per version) and pushed to the stand-in.
#
#   scripts/rig/buildkit.sh
#
# A builder of it: docker buildx create --driver docker-container --driver-opt network=host
# --buildkitd-config FILE, FILE being rig/buildkitd.toml in the cache folder (SEA_TRIAL_BUILDKITD_CONFIG in the file env).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/golang.sh"

buildkit_version=v0.32.1
runc_version=v1.3.4
buildkit=$rig/buildkit/$buildkit_version
runc=$rig/runc/$runc_version

build_buildkit() {
  local source=$state/buildkit-source program
  [[ ! -x $buildkit/buildctl ]] || return 0
  module_copy "github.com/moby/buildkit@$buildkit_version" "$source"
  for program in buildkitd buildctl; do
    CGO_ENABLED=0 GOFLAGS=-mod=mod quietly "$program" nice go build -C "$source" -trimpath -tags 'osusergo netgo seccomp' \
      -ldflags "-s -w -X github.com/moby/buildkit/version.Version=$buildkit_version" -o "$buildkit/$program" "./cmd/$program"
  done
  rm -rf "$source"
}

# BuildKit sends a seccomp profile, which only a runc with libseccomp understands, and that needs C.
build_runc() {
  local source=$state/runc-source
  [[ ! -x $runc/buildkit-runc ]] || return 0
  require_consent builder 'gcc, libc6-dev, libseccomp-dev and pkg-config' "runc cannot be built for builders' containers." \
    'Install gcc, libc6-dev, libseccomp-dev and pkg-config by hand, and run this again.'
  install_packages gcc libc6-dev libseccomp-dev pkg-config
  module_copy "github.com/opencontainers/runc@$runc_version" "$source"
  CGO_ENABLED=1 GOFLAGS=-mod=mod quietly runc nice go build -C "$source" -trimpath -tags 'netgo osusergo seccomp' \
    -ldflags '-s -w -linkmode external -extldflags -static' -o "$runc/buildkit-runc" .
  rm -rf "$source"
}

make_image() {
  local work=$state/buildkit
  rm -rf "$work"
  mkdir "$work"
  cp "$buildkit/buildkitd" "$buildkit/buildctl" "$runc/buildkit-runc" "$work"
  cat "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" >"$work/ca-certificates.crt"
  cat >"$work/Dockerfile" <<END
FROM $mirror/library/busybox:1.37
COPY ca-certificates.crt /etc/ssl/certs/
COPY buildkitd buildctl buildkit-runc /usr/bin/
ENTRYPOINT ["buildkitd"]
END
  push_image "$work/Dockerfile" "linux/$(go env GOARCH)" moby/buildkit buildx-stable-1
  rm -rf "$work"
}

if ! stands_in_for moby/buildkit:buildx-stable-1; then
  build_buildkit
  build_runc
  make_image
fi
cat >"$rig/buildkitd.toml" <<END
[registry."docker.io"]
  mirrors = ["$mirror"]
[registry."$mirror"]
  http = true
END
say builder "moby/buildkit is served by $mirror"
