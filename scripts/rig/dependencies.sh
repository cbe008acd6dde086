# shellcheck shell=bash
# The packages of package-lock.json, Node 24 among them. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

require_dependencies() {
  local modules=$root/node_modules lock=$root/package-lock.json
  if [[ ! -f $lock ]]; then
    say packages 'no package-lock.json here, so none are installed'
  elif holds_packages "$lock" "$modules"; then
    say packages 'installed as package-lock.json asks'
  elif [[ -L $modules ]]; then
    decline packages "node_modules is a link to $(readlink "$modules"), which does not hold what package-lock.json asks for." \
      "npm would empty that folder. Remove the link (rm $modules) and run this again."
  else
    quietly npm-ci npm ci --prefix "$root" --no-audit --no-fund
    say packages "installed, with Node $("$modules/.bin/node" --version)"
  fi
}

# holds_packages LOCK FOLDER: by what npm wrote down there when it was done, and whether it is still
# there; times say nothing about a copy. What is optional may be for another platform.
holds_packages() {
  [[ -x $2/.bin/node ]] && node -e '
    const { existsSync, readFileSync } = require("node:fs");
    const [lock, modules] = process.argv.slice(1);
    const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const [wanted, found] = [read(lock), read(modules + "/.package-lock.json")];
    const same = (path) =>
      wanted[path]?.version === found[path]?.version &&
      wanted[path]?.integrity === found[path]?.integrity &&
      existsSync(modules + path.slice("node_modules".length));
    const absent = (path) => path === "" || (wanted[path].optional && !(path in found));
    const holds =
      Object.keys(found).every(same) &&
      Object.keys(wanted).every((path) => absent(path) || same(path));
    process.exit(holds ? 0 : 1);
  ' "$1" "$2" 2>/dev/null
}
