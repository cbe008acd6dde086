# shellcheck shell=bash
# library/bash made of Debian's bash-static and the stand-in's busybox. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/busybox.sh"

make_bash() {
  local work=$state/bash architecture
  is_throwaway || decline images "$mirror does not serve bash, which can only be made as root on Debian 12 or 13." \
    "Push library/bash:5 to $mirror by hand."
  rm -rf "$work"
  mkdir "$work"
  download_static "$work" bash-static amd64 arm64
  for architecture in amd64 arm64; do
    install -D -m 755 "$(find "$work/debs/$architecture" -path "*bin/bash-static" -type f)" "$work/image/$architecture/bash"
  done
  # Where the image of that name has it.
  cat >"$work/image/Dockerfile" <<END
FROM $mirror/library/busybox:1.37
ARG TARGETARCH
COPY \${TARGETARCH}/bash /usr/local/bin/
CMD ["bash"]
END
  push_image "$work/image/Dockerfile" linux/amd64,linux/arm64 library/bash 5
  rm -rf "$work"
}
