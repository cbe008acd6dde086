#!/usr/bin/env bash
# Compiles proof.c for every architecture and writes the programs into src/emulation/programs.ts.
#
#   scripts/proof/build.sh [FILE]
#
# Bit for bit the same on every machine with the compilers of Debian 13 (gcc 14.2.0, binutils 2.44):
#   apt-get install gcc gcc-{aarch64,s390x,powerpc64le,riscv64,i686,loongarch64}-linux-gnu \
#     gcc-arm-linux-gnueabi gcc-mips64{,el}-linux-gnuabi64
# On another Debian, debootstrap a Debian 13 and run this in a chroot there. The CI does it again in
# a container and compares.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${1:-$here/../../src/emulation/programs.ts}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags=(
  -std=gnu11 -Os -Wall -Wextra -Werror
  -ffreestanding -nostdlib -static -fno-pic -no-pie
  -fno-builtin -fno-tree-loop-distribute-patterns -fno-stack-protector -fno-ident
  -fno-asynchronous-unwind-tables -fno-unwind-tables
  # One segment of headers, code and constants, and nothing that depends on the folder or the time.
  '-Wl,-e,_start' '-Wl,--build-id=none' '-Wl,-z,noseparate-code' '-Wl,-z,noexecstack' -s
)

sum() { sha256sum "$1" | cut -d' ' -f1; }

# compile PLATFORM COMPILER OPTION...
compile() {
  local platform=$1 compiler=$2 file=$work/${1//\//-}
  shift 2
  (cd "$here" && "$compiler" "${flags[@]}" "$@" -o "$file" proof.c)
  printf "  '%s': {\n    sha256: '%s',\n    base64:\n      '%s',\n  },\n" \
    "$platform" "$(sum "$file")" "$(base64 -w0 "$file")"
}

{
  cat <<END
/** One of the programs that scripts/proof/proof.c is compiled to: a static ELF file. */
interface Program {
  readonly sha256: string;
  readonly base64: string;
}

/*
 * Written by scripts/proof/build.sh with gcc $(gcc -dumpfullversion) and binutils $(ld --version | sed -n '1s/.* //p'); do not edit.
 * What it was made from, by SHA-256:
 *   proof.c   $(sum "$here/proof.c")
 *   build.sh  $(sum "$here/build.sh")
 */
export const programs: Readonly<Record<string, Program>> = {
END
  compile linux/386 i686-linux-gnu-gcc -march=i586 -fcf-protection=none
  compile linux/amd64 x86_64-linux-gnu-gcc -march=x86-64 -fcf-protection=none
  compile linux/arm/v5 arm-linux-gnueabi-gcc -march=armv5te -marm
  compile linux/arm/v6 arm-linux-gnueabi-gcc -march=armv6 -marm
  compile linux/arm/v7 arm-linux-gnueabi-gcc -march=armv7-a -marm
  compile linux/arm64 aarch64-linux-gnu-gcc -march=armv8-a
  compile linux/loong64 loongarch64-linux-gnu-gcc -march=loongarch64
  compile linux/mips64 mips64-linux-gnuabi64-gcc -march=mips64r2 -mno-abicalls -G0
  compile linux/mips64le mips64el-linux-gnuabi64-gcc -march=mips64r2 -mno-abicalls -G0
  compile linux/ppc64le powerpc64le-linux-gnu-gcc -mcpu=power8
  compile linux/riscv64 riscv64-linux-gnu-gcc -march=rv64gc -mno-relax -msmall-data-limit=0
  compile linux/s390x s390x-linux-gnu-gcc -march=z10
  echo '};'
} >"$work/programs.ts"
mv "$work/programs.ts" "$target"
