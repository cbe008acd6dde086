#!/usr/bin/env bash
# The set-up, and then what it is for: `npm run demo` and `npm test` call this.
#
#   scripts/run.sh demo|test [--yes] [ARGUMENT...]
#
# --yes is the set-up's. Everything else is handed on, to `sea-trial run` or to jest.
set -euo pipefail
# What follows finds the programs of the set-up first, Go among them.
. "$(dirname "${BASH_SOURCE[0]}")/rig/common.sh"

purpose=$1
shift
set_up=(--for "$purpose")
rest=()
for argument; do
  if [[ $argument == --yes ]]; then set_up+=(--yes); else rest+=("$argument"); fi
done

bash "$root/scripts/setup.sh" "${set_up[@]}"
case $purpose in
  demo)
    cd "$root/examples/greeter"
    exec node "$root/dist/cli.js" run "${rest[@]}"
    ;;
  test)
    cd "$root"
    if ((EUID != 0)); then
      mapfile -t rooted < <(grep -lE '/(needs-root|private-engine)\.js' __tests__/integration/*.test.ts)
      printf 'tests       %s\n' "Only root can make engines, disks and emulators of a test's own. Left out, for sudo -E npm test:" \
        "${rooted[@]}"
      rest+=("${rooted[@]/#/--testPathIgnorePatterns=}")
    fi
    exec npm run test:all -- "${rest[@]}"
    ;;
esac
