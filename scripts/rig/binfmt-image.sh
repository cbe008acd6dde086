#!/usr/bin/env bash
# An image that stands in for tonistiigi/binfmt: a small program with its flags and its JSON, and
# Debian's static emulators of architectures for which nothing else here registers any.
#
#   scripts/rig/binfmt-image.sh    makes it in the engine, where it is not, and prints its name
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/golang.sh"
. "$here/emulators.sh"

image=sea-trial-rig/binfmt:1
names=(mips64el loongarch64)

make_binfmt_image() {
  local name work=$state/binfmt
  for name in "${names[@]}"; do
    require_qemu "$name"
  done
  go_suffices || require_go
  rm -rf "$work"
  mkdir -p "$work"/{usr/bin,binfmt.d,proc}
  CGO_ENABLED=0 GOFLAGS='' quietly binfmt-program go build -C "$here/binfmt" -trimpath -ldflags '-s -w' -o "$work/binfmt" .
  for name in "${names[@]}"; do
    cp "/usr/bin/qemu-$name" "$work/usr/bin/"
    cp "/usr/share/qemu/binfmt.d/qemu-$name.conf" "$work/binfmt.d/"
  done
  tar -C "$work" -c . | docker import --change 'ENTRYPOINT ["/binfmt"]' --change 'ENV QEMU_PRESERVE_ARGV0=1' - "$image" >/dev/null
  rm -rf "$work"
}

exec 8>"$state/binfmt.lock"
flock 8
docker image inspect "$image" >/dev/null 2>&1 || make_binfmt_image
echo "$image"
