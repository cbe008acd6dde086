import { describe, expect, test } from '@jest/globals';
import { folderOf, part } from './shell.js';

/*
 * A mirror in the middle of its synchronisation serves suites that cannot be read.
 * apt-get is played: it knows only packages of the suites that a case lets it read.
 */

const aptGet = (reads: readonly string[]) => `#!/bin/bash
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
if [[ "$*" == *--print-uris* ]]; then
  echo "'http://deb.example/debian/dists/$codename/main/binary-amd64/Packages.xz' a 0 -"
elif [[ "$*" == *update* ]]; then
  echo 'W: http://deb.example/debian/dists/forky: Hash Sum mismatch'
else
  names=()
  for name; do [[ $name == engine* || $name == plain ]] && names+=("$name"); done
  echo "\${names[*]}" >>"$SEA_TRIAL_CACHE/asked"
  for name in "\${names[@]}"; do
    case $name in
      ${[...reads, 'plain'].join(' | ')}) ;;
      *) echo "E: Release for '$name' was not found"; exit 100 ;;
    esac
  done
fi
`;

/** Installs on a Debian 12, and shows what apt was asked for. */
async function install(reads: readonly string[], call: string) {
  const programs = await folderOf({ 'apt-get': aptGet(reads) });
  const lines = ['distribution() { echo debian 12; }', call, 'cat "$SEA_TRIAL_CACHE/asked"'];
  const said = await part('packages', lines, { programs });
  return { ...said, stdout: said.stdout.replace(/\(see .*?\)/, '(see LOG)') };
}

describe('packages come from', () => {
  test.each([
    {
      from: 'the newest suite',
      reads: ['engine/forky', 'engine/trixie', 'engine'],
      says: '',
      asked: ['engine/forky plain'],
    },
    {
      from: 'the next one, where the newest cannot be read',
      reads: ['engine/trixie', 'engine'],
      says: "packages    Debian's forky does not serve engine plain now (see LOG); trixie does\n",
      asked: ['engine/forky plain', 'engine/trixie plain'],
    },
    {
      from: 'the machine’s own, where none can be read',
      reads: ['engine'],
      says: "packages    Debian's forky does not serve engine plain now (see LOG); the release installed here does\n",
      asked: ['engine/forky', 'engine/trixie', 'engine/bookworm-backports', 'engine'].map(
        (name) => `${name} plain`,
      ),
    },
  ])('$from', async ({ reads, says, asked }) => {
    const said = await install(reads, 'install_packages engine/newest plain');
    expect(said).toEqual({ status: 0, stdout: `${says}${asked.join('\n')}\n`, stderr: '' });
  });

  test('nowhere, and what apt said of the archives is shown', async () => {
    const said = await install([], 'install_packages engine/newest');
    expect([said.status, said.stdout]).toEqual([1, '']);
    expect(said.stderr).toContain('forky: Hash Sum mismatch');
  });

  test('nowhere, and the script takes its other way', async () => {
    const said = await install([], 'try_packages engine/newest || echo another way');
    expect([said.status, said.stdout.split('\n')[0]]).toEqual([0, 'another way']);
  });
});
