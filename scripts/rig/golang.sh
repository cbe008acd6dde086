# shellcheck shell=bash
# Go on this machine, and library/golang made of it. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/images.sh"

go_minor=1.26
go_toolchain=go1.26.8+auto

# The examples' go.mod files ask for 1.24.
go_suffices() {
  local version
  version=$(go env GOVERSION 2>/dev/null) && [[ $version =~ ^go1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 24))
}

require_go() {
  go_suffices || use_toolchain || install_go
  say go "$(go env GOVERSION) at $(go env GOROOT)"
}

# use_toolchain: Go 1.21 or later fetches another Go through the module proxy, into its module cache.
use_toolchain() {
  local old
  rm -f "$bin/go"
  old=$(type -P go) || return 1
  printf '#!/bin/sh\nGOTOOLCHAIN=%s exec %s "$@"\n' "$go_toolchain" "$old" >"$bin/go"
  chmod +x "$bin/go"
  go_suffices || {
    rm "$bin/go"
    return 1
  }
}

# The versioned package is in the newest suites alone; the other brings at least what fetches a newer Go.
install_go() {
  require_consent go golang-go 'Go 1.24 or later is missing. The tests build programs with it.' \
    'Install it by hand as its makers describe it, and run this again.'
  if try_packages "golang-$go_minor-go/newest" ca-certificates; then
    ln -sfn "/usr/lib/go-$go_minor/bin/go" "$bin/go"
  else
    install_packages golang-go/newest ca-certificates
    go_suffices || use_toolchain ||
      fail go "$(go version) is here, and it cannot fetch $go_toolchain; \"GOTOOLCHAIN=$go_toolchain go version\" says why."
  fi
}

# module_copy MODULE@VERSION FOLDER: go install refuses modules with replace lines, a build in a copy does not.
module_copy() {
  local from
  from=$(go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
  [[ -n $from ]] || fail go "$1 cannot be downloaded; \"go mod download $1\" says why."
  rm -rf "$2"
  cp -r "$from" "$2"
  chmod -R u+w "$2"
}

# For stages that run on the build platform: this machine's architecture is all it has. The
# toolchain is static, so busybox below it is enough; there is no C compiler and no git.
make_golang() {
  local work=$state/golang
  go_suffices || require_go
  rm -rf "$work"
  mkdir -p "$work/go"
  tar -C "$(go env GOROOT)" -ch --exclude=./test --exclude=./api --exclude=./doc --exclude=testdata \
    --exclude='*_test.go' . | tar -C "$work/go" -x --no-same-owner
  cat "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" >"$work/ca-certificates.crt"
  cat >"$work/Dockerfile" <<END
FROM $mirror/library/busybox:1.37
COPY ca-certificates.crt /etc/ssl/certs/
COPY go /usr/local/go
ENV PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    GOPATH=/go GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS=-buildvcs=false \\
    GOPROXY="$(go env GOPROXY)" GOSUMDB="$(go env GOSUMDB)"
RUN mkdir -p /go/src /go/bin && chmod -R 1777 /go
WORKDIR /go
END
  push_image "$work/Dockerfile" "linux/$(go env GOARCH)" library/golang "$go_minor" latest
  rm -rf "$work"
}
