# shellcheck shell=bash
# Kernel handlers that run other architectures' programs through QEMU. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

binfmt=/proc/sys/fs/binfmt_misc

# require_emulators NAME...: QEMU's names of the architectures.
require_emulators() {
  local name missing=()
  if is_throwaway && [[ ! -e $binfmt/register ]]; then
    mount -t binfmt_misc binfmt_misc "$binfmt" || fail emulators "the kernel offers no binfmt_misc at $binfmt."
  fi
  for name; do
    [[ -e $binfmt/qemu-$name ]] || missing+=("$name")
  done
  if ((${#missing[@]} == 0)); then
    say emulators "$* have handlers"
  elif is_throwaway; then
    register_handlers "${missing[@]}"
  else
    # Privileged containers of the engine can do what this user cannot.
    say emulators "${missing[*]} have no handler; sea-trial installs them itself, through the engine"
  fi
}

# require_qemu NAME: a static emulator, and the line that registers it.
require_qemu() {
  local file=/usr/share/qemu/binfmt.d/qemu-$1.conf
  [[ ! -f $file ]] || return 0
  require_consent emulators qemu-user "the emulator qemu-$1 is missing." 'Install qemu-user 10 or later by hand, and run this again.'
  install_packages qemu-user/newest
  [[ -f $file ]] || fail emulators "the qemu-user that can be had now is too old: it brings no $file. Debian 13's does."
}

# unpack_emulators FOLDER: the static ones of the release installed here, which are not installed:
# that would register a handler for every architecture.
unpack_emulators() {
  rm -rf "$1"
  mkdir -p "$1"
  (cd "$1" && quietly qemu-user-static download_emulators && dpkg-deb -x qemu-user-static_*.deb .)
}

# download_emulators: a new machine has no lists of its own.
download_emulators() {
  apt-get download qemu-user-static || { read_lists && apt-get "${apt_options[@]}" download qemu-user-static; }
}

register_handlers() {
  local name line
  for name; do
    require_qemu "$name"
    line=$(grep '^:' "/usr/share/qemu/binfmt.d/qemu-$name.conf")
    # P keeps argv[0], without which busybox does not know which applet it is; F holds the emulator
    # open, so that containers need not contain it; O and C let unreadable and setuid programs run.
    echo "${line%:*}:POCF" >"$binfmt/register" || fail emulators "the kernel refuses a handler for $name."
    echo "qemu-$name" >>"$state/handlers"
  done
  say emulators "$* got handlers"
}

remove_handlers() {
  local name
  [[ -f $state/handlers ]] || return 0
  while read -r name; do
    [[ ! -e $binfmt/$name ]] || echo -1 >"$binfmt/$name"
  done <"$state/handlers"
  say emulators "$(tr '\n' ' ' <"$state/handlers")removed"
  rm -f "$state/handlers"
}
