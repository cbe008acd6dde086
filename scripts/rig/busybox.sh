# shellcheck shell=bash
# library/busybox made of Debian's busybox-static. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/images.sh"

# Debian's architecture, and the image platform that it becomes.
busybox_platforms=(
  amd64:amd64 i386:386 armel:arm/v6 armhf:arm/v7 arm64:arm64 ppc64el:ppc64le s390x:s390x riscv64:riscv64
)
# Trixie has them all; so have the other two together. A mirror in the middle of its synchronisation
# serves a suite that disagrees with itself, for days at times, so one is not enough.
busybox_suites=(trixie 'forky bookworm')

make_busybox() {
  local work=$state/busybox pair platforms=''
  is_throwaway || decline images "$mirror does not serve busybox, which can only be made as root on Debian 12 or 13." \
    "Push library/busybox:1.37 to $mirror by hand."
  rm -rf "$work"
  mkdir "$work"
  download_static "$work" busybox-static "${busybox_platforms[@]%%:*}"
  for pair in "${busybox_platforms[@]}"; do
    make_busybox_root "$work/debs/${pair%%:*}" "$work/image/${pair#*:}" "$work/debs/$(dpkg --print-architecture)"
    platforms+=,linux/${pair#*:}
  done
  cat >"$work/image/Dockerfile" <<'END'
FROM scratch
ARG TARGETARCH TARGETVARIANT
COPY ${TARGETARCH}/${TARGETVARIANT} /
CMD ["sh"]
END
  push_image "$work/image/Dockerfile" "${platforms#,}" library/busybox 1.37 latest
  rm -rf "$work"
}

# download_static WORK PACKAGE ARCHITECTURE...: debs/ARCHITECTURE/ holds the unpacked package.
# apt reads a root of its own here, so the machine's list of architectures stays as it is;
# and it is called once for all of them, because a call each takes minutes.
download_static() {
  local work=$1 package=$2 architecture
  shift 2
  mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial" "$work/debs"
  : >"$work/status"
  {
    printf 'APT::Architectures { %s};\n' "$(printf '"%s"; ' "$@")"
    printf 'Dir::%s "%s";\n' Etc::sourcelist /dev/null Etc::sourceparts "$work/sources" \
      Etc::preferences /dev/null Etc::preferencesparts /dev/null \
      State::lists "$work/lists" State::status "$work/status" Cache "$work/cache"
    printf 'Acquire::%s "%s";\n' Retries 3 Languages none GzipIndexes false
    # Run as root, apt's own user could not write here.
    printf 'APT::Sandbox::User "root";\n'
  } >"$work/apt.conf"
  quietly "$package-update" read_static_lists "$work"
  (
    cd "$work/debs" || exit
    quietly "$package-download" apt-get -c "$work/apt.conf" download "${@/#/$package:}"
  )
  for architecture; do
    dpkg-deb -x "$work/debs/${package}"_*_"$architecture".deb "$work/debs/$architecture"
  done
}

read_static_lists() {
  local suites
  for suites in "${busybox_suites[@]}"; do
    write_source "$1/sources/debian.sources" "$suites"
    ! apt-get -c "$1/apt.conf" update || return 0
  done
  return 1
}

# make_busybox_root UNPACKED ROOT NATIVE: NATIVE is the package that this machine can run.
make_busybox_root() {
  local root=$2 applet
  mkdir -p "$root"/{bin,etc,home,root,usr/bin,usr/sbin,var/spool}
  install -d -m 1777 "$root/tmp"
  install -m 755 "$(find "$1" -path "*bin/busybox" -type f)" "$root/bin/busybox"
  while read -r applet; do
    [[ -e $root/bin/$applet ]] || ln -s busybox "$root/bin/$applet"
  done < <("$(find "$3" -path "*bin/busybox" -type f)" --list)
  ln -s ../../bin/busybox "$root/usr/bin/env"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/home:/bin/false' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
}
