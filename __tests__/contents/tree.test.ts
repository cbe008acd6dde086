import { describe, expect, test } from '@jest/globals';
import { createTree, type Tree } from '../../src/contents/index.js';
import type { RawEntry } from '../oci/raw-tar.js';
import { directory, file, hard, link, OPAQUE_ROOT, REFUSED, UNPACKED } from './odd-layers.js';
import { layerOf } from './scanned.js';

async function treeOf(...layers: readonly (readonly RawEntry[])[]): Promise<Tree> {
  return createTree(await Promise.all(layers.map(layerOf)));
}

/** Paths of all that is no directory, each with its layer. */
function listing(tree: Tree): readonly string[] {
  return [...tree.files()]
    .filter(({ entry }) => entry.kind !== 'directory')
    .map(({ path, layer }) => `${path}@${layer}`)
    .sort();
}

describe('layers over layers', () => {
  test.each<[string, readonly (readonly RawEntry[])[], readonly string[]]>([
    ['files of both', [[file('a')], [file('d/b')]], ['/a@1', '/d/b@2']],
    ['the upper file wins', [[file('a'), file('b')], [file('a', 'new')]], ['/a@2', '/b@1']],
    ['a whiteout hides a file', [[file('d/a'), file('d/b')], [file('d/.wh.a', '')]], ['/d/b@1']],
    ['a whiteout hides a directory', [[file('d/a'), file('e')], [file('.wh.d', '')]], ['/e@1']],
    [
      'an opaque directory hides what was in it',
      [
        [file('d/a'), file('d/e/f'), file('x')],
        [file('d/n'), file('d/.wh..wh..opq', '')],
      ],
      ['/d/n@2', '/x@1'],
    ],
    ['a whiteout of nothing', [[file('a')], [file('q/.wh.b', '')]], ['/a@1']],
    ['a file takes the place of a directory', [[file('d/a')], [file('d')]], ['/d@2']],
    [
      'a directory takes the place of a file',
      [[file('d')], [file('d/../e'), directory('d'), file('d/a')]],
      ['/d/a@2', '/e@2'],
    ],
    ['a directory again keeps its files', [[file('d/a')], [directory('d/')]], ['/d/a@1']],
    ['hard links', [[file('a'), hard('h', 'a')], [file('.wh.a', '')]], ['/h@1']],
    [
      'names of prototypes',
      [[file('__proto__/constructor')], [file('toString')]],
      ['/__proto__/constructor@1', '/toString@2'],
    ],
    ...UNPACKED,
    OPAQUE_ROOT,
  ])('%s', async (_, layers, expected) => {
    expect(listing(await treeOf(...layers))).toEqual(expected);
  });

  test.each(REFUSED)('%s is told, for engines refuse it', async (_, entries, words) => {
    const { problems } = await layerOf(entries);
    expect(problems).toEqual([
      expect.stringMatching(/^engines reject it, or treat it differently: /),
    ]);
    expect(problems[0]).toMatch(words);
  });

  test('directories that links put into each other without end are none', async () => {
    const deep = 'd/'.repeat(2000);
    const entries = [link('l', `${deep}x`), directory(`${deep}x`), link(`${deep}x/l`, `${deep}y`)];
    const { problems } = await layerOf([...entries, file('l/l/z')]);
    expect(problems).toEqual([
      expect.stringMatching(/which is not a directory, or a link that leads nowhere$/),
    ]);
  });

  test('a link that leads in a circle holds nothing', async () => {
    const { problems } = await layerOf([link('a', 'b'), link('b', 'a'), file('a/x')]);
    expect(problems).toEqual([expect.stringMatching(/"a\/x" lies below "[ab]"/)]);
  });

  test('a hard link has the bytes of its target, also when that is gone', async () => {
    const tree = await treeOf([file('a', '#!/x\n'), hard('h', 'a')], [file('.wh.a', '')]);
    expect(tree.lookup('/h')).toMatchObject({
      path: '/h',
      layer: 1,
      entry: { kind: 'file', program: { script: '/x' } },
    });
    expect(tree.lookup('/a')).toBeUndefined();
  });

  test('counts what is there', async () => {
    expect((await treeOf([file('a/b/c')], [link('l', 'a')])).size).toBe(4);
  });
});

describe('a path', () => {
  const layers = [
    [
      directory('usr/bin'),
      link('bin', 'usr/bin'),
      file('usr/bin/busybox'),
      link('usr/bin/sh', 'busybox'),
      link('usr/bin/abs', '/bin/sh'),
      link('usr/bin/up', '../../../../usr/bin/busybox'),
      link('loop', 'pool'),
      link('pool', 'loop'),
      link('gone', 'nowhere'),
      link('empty', ''),
    ],
  ];
  test.each<[string, string | undefined]>([
    ['/usr/bin/busybox', '/usr/bin/busybox'],
    ['usr//bin/./busybox', '/usr/bin/busybox'],
    ['/bin/sh', '/usr/bin/busybox'],
    ['/bin/abs', '/usr/bin/busybox'],
    ['/bin/up', '/usr/bin/busybox'],
    ['/bin/../bin/sh', '/usr/bin/sh/../busybox'.replace('/sh/..', '')],
    ['/../../bin', '/usr/bin'],
    ['/', '/'],
    ['/loop', undefined],
    ['/gone', undefined],
    ['/empty', undefined],
    ['/usr/bin/busybox/x', undefined],
    ['/nothing', undefined],
  ])('%s leads to %s', async (path, expected) => {
    expect((await treeOf(...layers)).lookup(path)?.path).toBe(expected);
  });

  test('of forty links is followed, of more it is not', async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, number) =>
        link(`l${number}`, number === 0 ? 'end' : `l${number - 1}`),
      );
    const tree = await treeOf([file('end'), ...chain(41)]);
    expect(tree.lookup('/l39')?.path).toBe('/end');
    expect(tree.lookup('/l40')).toBeUndefined();
  });
});

test.each<[string, string, string | undefined, string | undefined]>([
  ['tool', '/first:/second', undefined, '/second/tool'],
  ['tool', '/first:/second:/third', undefined, '/second/tool'],
  ['tool', '', undefined, undefined],
  ['/third/tool', '', undefined, '/third/tool'],
  ['./tool', '/second', '/third', '/third/tool'],
  ['third/tool', '', '/', '/third/tool'],
  ['tool', 'third', '/', '/third/tool'],
  ['missing', '/first:/second', undefined, undefined],
])('which %s in "%s"', async (command, search, workdir, expected) => {
  const tree = await treeOf([
    directory('first/tool'),
    { ...file('zero/tool'), mode: 0o644 },
    file('second/tool'),
    file('third/tool'),
  ]);
  expect(tree.which(command, search === '' ? search : `/zero:${search}`, workdir)?.path).toBe(
    expected,
  );
});
