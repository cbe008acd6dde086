import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { BuiltPlatform } from '../../src/checks/index.js';
import type { LayerFacts } from '../../src/contents/index.js';
import { built, found, words } from './platforms.js';

/* Listings of Debian with python3, nodejs and nginx; trees/README.md says how they were made. */

type Entry = LayerFacts['entries'][number];

const KINDS: Readonly<Record<string, Entry['kind']>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  h: 'hardlink',
};

function entryOf(line: string): readonly [layer: number, entry: Entry] {
  const [layer, kind = '', size, path = '', link] = line.split('\t');
  const entry = { path, kind: KINDS[kind] ?? 'other', mode: 0, uid: 0, gid: 0, size: Number(size) };
  return [Number(layer), link === undefined ? entry : { ...entry, link }];
}

/** The image of a listing: the base's layer, and that of the packages. */
function debian(
  architecture: 'amd64' | 'arm64',
  baseLayers: number,
  emptied?: string,
): BuiltPlatform {
  const file = join(import.meta.dirname, 'trees', `debian-${architecture}.txt.gz`);
  const entries = gunzipSync(readFileSync(file))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map(entryOf);
  const layers = [1, 2].map((number) => ({
    compression: 'gzip' as const,
    uncompressedSize: 0,
    problems: [],
    entries: entries
      .filter(([layer]) => layer === number)
      .map(([, entry]) => (entry.path === emptied ? { ...entry, size: 0 } : entry)),
  }));
  return built(`linux/${architecture}`, layers, baseLayers);
}

describe('the trees of a real image', () => {
  test('are quiet beside their base', () => {
    expect(found([debian('amd64', 1), debian('arm64', 1)])).toEqual([]);
  });

  test('have no error and one line where the base is not known', () => {
    expect(words(debian('amd64', 0), debian('arm64', 0))).toEqual([
      'note tree-differs: /usr/bin/x86_64 is only on linux/amd64; 2 more such differences.',
    ]);
  });

  test.each([
    ['usr/bin/node', '/usr/bin/node'],
    ['etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/ca-certificates.crt'],
    ['usr/lib/aarch64-linux-gnu/libnode.so.108', '/usr/lib/aarch64-linux-gnu/libnode.so.108'],
  ])('tell of %s where it is empty', (path, told) => {
    const emptied = debian('arm64', 1, path);
    expect(found([debian('amd64', 1), emptied])).toMatchObject([
      { severity: 'error', code: 'empty-on-one-platform', subject: { path: told } },
    ]);
  });
});
