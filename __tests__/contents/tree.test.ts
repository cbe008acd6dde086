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
    [
      'a link of the same layer is followed from the root, where it says so, or from where it is',
      [[link('d/l', '/e'), file('d/l/a'), link('d/m', 'n'), file('d/m/b')]],
      ['/d/l@1', '/d/m@1', '/d/n/b@1', '/e/a@1'],
    ],
    [
      'a link of the same layer is followed upwards',
      [[link('d/e/l', '../x'), file('d/e/l/y'), link('m', '../../z'), file('m/q')]],
      ['/d/e/l@1', '/d/x/y@1', '/m@1', '/z/q@1'],
    ],
    ['hard links', [[file('a'), hard('h', 'a')], [file('.wh.a', '')]], ['/h@1']],
    [
      'names of prototypes',
      [[file('__proto__/constructor')], [file('toString')]],
      ['/__proto__/constructor@1', '/toString@2'],
    ],
    ...UNPACKED,
    OPAQUE_ROOT,
  ])('%s', async (_, layers, expected) => {
    expect(listing(await treeOf(...layers))).toStrictEqual(expected);
  });

  test.each(REFUSED)('%s is told, for engines refuse it', async (_, entries, words) => {
    const { problems } = await layerOf(entries);
    expect(problems).toStrictEqual([
      expect.stringMatching(/^engines reject it, or treat it differently: /),
    ]);
    expect(problems[0]).toMatch(words);
  });

  test('what stands in the way is told with its whole path', async () => {
    const { problems } = await layerOf([file('d/e/f'), file('d/e/f/g/h')]);
    expect(problems).toStrictEqual([
      'engines reject it, or treat it differently: "d/e/f/g/h" lies below "d/e/f", which is not a directory, or a link that leads nowhere',
    ]);
  });

  test('directories that links put into each other without end are none', async () => {
    const deep = 'd/'.repeat(2000);
    const entries = [link('l', `${deep}x`), directory(`${deep}x`), link(`${deep}x/l`, `${deep}y`)];
    const { problems } = await layerOf([...entries, file('l/l/z')]);
    expect(problems).toStrictEqual([
      expect.stringMatching(/which is not a directory, or a link that leads nowhere$/),
    ]);
  });

  test('a link that leads in a circle holds nothing', async () => {
    const { problems } = await layerOf([link('a', 'b'), link('b', 'a'), file('a/x')]);
    expect(problems).toStrictEqual([expect.stringMatching(/"a\/x" lies below "[ab]"/)]);
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

  test('a directory is what the last entry about it says, the root too', async () => {
    const facts = async (path: string, ...layers: readonly (readonly RawEntry[])[]) => {
      const found = (await treeOf(...layers)).lookup(path);
      return [found?.entry.mode, found?.layer];
    };
    const of = (path: string, mode: number): RawEntry => ({ path, type: '5', mode });
    expect(await facts('/', [of('./', 0o700)], [file('a')])).toStrictEqual([0o700, 1]);
    expect(await facts('/', [of('./', 0o700)], [of('./', 0o711)])).toStrictEqual([0o711, 2]);
    expect(await facts('/', [file('a')], [{ path: './', type: '2', link: 'a' }])).toStrictEqual([
      0o755, 1,
    ]);
    expect(await facts('/d', [of('d', 0o700)], [file('d/a')])).toStrictEqual([0o700, 1]);
    expect(await facts('/d', [of('d', 0o700)], [of('d', 0o711)])).toStrictEqual([0o711, 2]);
    expect(await facts('/d', [of('d', 0o700)], [file('d/a'), of('d', 0o711)])).toStrictEqual([
      0o711, 2,
    ]);
    expect(await facts('/d', [of('d', 0o700), of('d', 0o711)])).toStrictEqual([0o711, 1]);
    expect(await facts('/d', [file('d/a')])).toStrictEqual([0o755, 1]);
  });

  test('no more than twenty things are told of a layer', async () => {
    const entries = Array.from({ length: 25 }, (_, at) => hard(`h${at}`, 'none'));
    const { problems } = await layerOf(entries);
    expect(problems).toStrictEqual(
      entries
        .slice(0, 20)
        .map(
          ({ path }) =>
            `engines reject it, or treat it differently: "${path}" is a hard link to "none", which its layer does not have by then`,
        ),
    );
  });

  test('a hard link leads to no directory, and through links of its layer', async () => {
    const { problems } = await layerOf([directory('d'), hard('h', 'd')]);
    expect(problems).toStrictEqual([expect.stringContaining('"h" is a hard link to "d"')]);
    const tree = await treeOf([file('d/a'), link('l', 'd'), hard('h', 'l/a')]);
    expect(tree.lookup('/h')?.entry).toMatchObject({ kind: 'file', path: 'd/a' });
    const below = await layerOf([file('f'), hard('h', 'f/a')]);
    expect(below.problems).toStrictEqual([expect.stringContaining('"h" is a hard link to "f/a"')]);
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

  test('of a directory has its names, links followed; others have none', async () => {
    const tree = await treeOf(...layers);
    expect([...tree.list('/bin')].sort()).toStrictEqual(['abs', 'busybox', 'sh', 'up']);
    expect(tree.list('/usr')).toStrictEqual(['bin']);
    for (const path of ['/bin/busybox', '/gone', '/nothing', '/loop']) {
      expect(tree.list(path)).toStrictEqual([]);
    }
    expect(tree.list('/')).toContain('usr');
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
