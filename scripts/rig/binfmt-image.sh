#!/usr/bin/env bash
# An image that stands in for tonistiigi/binfmt: a small program with its flags and its JSON, and
# Debian's static emulators of architectures for which nothing else here registers any.
#
#   scripts/rig/binfmt-image.sh    makes it in the engine, where it is not, and prints its name
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/golang.sh"
. "$here/emulators.sh"

image=sea-trial-rig/binfmt:2
names=(mips64el loongarch64)

# copy_emulator NAME FOLDER: the emulator and the line that registers it.
copy_emulator() {
  local name=$1 unpacked=$state/qemu-user-static
  if is_throwaway || [[ -f /usr/share/qemu/binfmt.d/qemu-$name.conf ]]; then
    require_qemu "$name"
    cp "/usr/bin/qemu-$name" "$2/usr/bin/"
    cp "/usr/share/qemu/binfmt.d/qemu-$name.conf" "$2/binfmt.d/"
    return
  fi
  [[ -d $unpacked/usr ]] || unpack_emulators "$unpacked"
  cp "$unpacked/usr/bin/qemu-$name-static" "$2/usr/bin/qemu-$name"
  sed "s|:/[^:]*:\\([A-Z]*\\)\$|:/usr/bin/qemu-$name:\\1|" "$unpacked/usr/lib/binfmt.d/qemu-$name.conf" >"$2/binfmt.d/qemu-$name.conf"
}

make_binfmt_image() {
  local name work=$state/binfmt
  go_suffices || require_go
  rm -rf "$work"
  mkdir -p "$work"/{usr/bin,binfmt.d,proc}
  CGO_ENABLED=0 GOFLAGS='' quietly binfmt-program go build -C "$here/binfmt" -trimpath -ldflags '-s -w' -o "$work/binfmt" .
  for name in "${names[@]}"; do copy_emulator "$name" "$work"; done
  tar -C "$work" -c . | docker import --change 'ENTRYPOINT ["/binfmt"]' --change 'ENV QEMU_PRESERVE_ARGV0=1' - "$image" >/dev/null
  rm -rf "$work"
}

exec 8>"$state/binfmt.lock"
flock 8
docker image inspect "$image" >/dev/null 2>&1 || make_binfmt_image
echo "$image"
