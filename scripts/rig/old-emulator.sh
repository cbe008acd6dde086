#!/usr/bin/env bash
# An emulator from before QEMU 9.2, which does not know openat2(2): Debian 12 and Ubuntu 24.04 have one.
#
#   scripts/rig/old-emulator.sh NAME    prints the path of the program for QEMU's NAME of an architecture
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/emulators.sh"

name=${1:?the name of an architecture, such as mips64el}
unpacked=$state/old-emulator
file=$unpacked/usr/bin/qemu-$name-static

exec 8>"$state/old-emulator.lock"
flock 8
[[ -x $file ]] || unpack_emulators "$unpacked" >&2
version=$("$file" --version | sed -n '1s/.* version \([0-9]*\.[0-9]*\).*/\1/p')
[[ $(printf '%s\n' "$version" 9.2 | sort -V | head -1) == "$version" && $version != 9.2 ]] ||
  fail emulators "qemu-user-static of this distribution is $version, and knows openat2(2); use Debian 12 or Ubuntu 24.04."
echo "$file"
