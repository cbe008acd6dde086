import { describe, expect, test } from '@jest/globals';
import { mergedRows, type TreeRow, treeRows } from '../../src/contents/index.js';
import { type File, layer } from '../checks/inspected.js';

describe('trees side by side', () => {
  test('have a row for each path, with what each tree has there', () => {
    const [one, other] = [layer([{ path: 'a' }]), layer([{ path: 'a', size: 0 }, { path: 'b' }])];
    const rows = treeRows([[one], [other]]);
    expect(
      [...(rows ?? [])].map(([path, row]) => [path, row.map((at) => at?.entry.size)]),
    ).toStrictEqual([
      ['/a', [100, 0]],
      ['/b', [undefined, 100]],
    ]);
  });

  test('have what a link leads to, where that is a file', () => {
    const files = [
      { path: 'a' },
      { path: 'd/b' },
      { path: 'to-a', link: 'a' },
      { path: 'to-d', link: 'd' },
      { path: 'to-none', link: 'none' },
    ];
    const rows = treeRows([[layer(files)]]) ?? new Map<string, TreeRow>();
    const targets = [...rows].map(([path, [one]]) => [path, one?.path, one?.target?.path]);
    expect(targets.sort()).toStrictEqual([
      ['/a', '/a', undefined],
      ['/d', '/d', undefined],
      ['/d/b', '/d/b', undefined],
      ['/to-a', '/to-a', 'a'],
      ['/to-d', '/to-d', undefined],
      ['/to-none', '/to-none', undefined],
    ]);
    expect([...rows].filter(([, [one]]) => one !== undefined && 'target' in one)).toHaveLength(1);
  });

  test('have the layer of each file, and nothing where a tree has nothing', () => {
    const [one, other] = [layer([{ path: 'a' }]), layer([{ path: 'b' }])];
    const rows = treeRows([[one, other], [], [other]]) ?? new Map<string, TreeRow>();
    expect([...rows].map(([path, row]) => [path, row.map((at) => at?.layer)]).sort()).toStrictEqual(
      [
        ['/a', [1, undefined, undefined]],
        ['/b', [2, undefined, 1]],
      ],
    );
  });

  test('are not held where links make their paths long beyond measure', () => {
    const deep = 'x/'.repeat(2000);
    const files = Array.from({ length: 100 }, (_, at) => ({ path: `in/${at}` }));
    const image = [layer([{ path: 'in', link: `${deep}y` }, ...files])];
    expect(treeRows([image], 100_000_000)?.size).toBe(2102);
    expect(treeRows([image], 400_000)).toBeUndefined();
    const two = [[layer([{ path: 'abc' }])], [layer([{ path: 'abc' }])]];
    expect(treeRows(two, 4)?.size).toBe(1);
    expect(treeRows(two, 3)).toBeUndefined();
  });
});

describe('rows of files that are the same but for the name of an architecture', () => {
  /** The paths of each row. */
  const merged = (...trees: readonly (readonly File[])[]) =>
    mergedRows(treeRows(trees.map((files) => [layer(files)])) ?? new Map())
      .map((row) => row.map((one) => (one?.entry.kind === 'file' ? one.path : undefined)))
      .filter((row) => row.some((path) => path !== undefined))
      .sort();

  test('are one', () => {
    expect(
      merged(
        [{ path: 'same' }, { path: 'lib/x86_64-linux-gnu/libz.so.1' }, { path: 'amd64-only' }],
        [{ path: 'same' }, { path: 'lib/aarch64-linux-gnu/libz.so.1' }],
      ),
    ).toStrictEqual([
      ['/amd64-only', undefined],
      ['/lib/x86_64-linux-gnu/libz.so.1', '/lib/aarch64-linux-gnu/libz.so.1'],
      ['/same', '/same'],
    ]);
  });

  test('are one for loaders, too', () => {
    expect(
      merged([{ path: 'lib64/ld-linux-x86-64.so.2' }], [{ path: 'lib/ld-linux-aarch64.so.1' }]),
    ).toStrictEqual([['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1']]);
  });

  test('have the largest where a tree has several', () => {
    const found = (...sizes: readonly number[]) =>
      merged(
        ['x86_64', 'amd64', 'i386'].map((name, at) => ({
          path: `opt/${name}/f`,
          size: sizes[at] ?? 0,
        })),
        [{ path: 'opt/arm64/f', size: 1 }],
      );
    expect(found(1, 3, 2)).toStrictEqual([['/opt/amd64/f', '/opt/arm64/f']]);
    expect(found(3, 2, 1)).toStrictEqual([['/opt/x86_64/f', '/opt/arm64/f']]);
    expect(found(1, 1, 2)).toStrictEqual([['/opt/i386/f', '/opt/arm64/f']]);
  });

  test('are left as they are where each is everywhere', () => {
    const both = [{ path: 'lib/f' }, { path: 'lib64/f' }];
    expect(merged(both, both)).toStrictEqual([
      ['/lib/f', '/lib/f'],
      ['/lib64/f', '/lib64/f'],
    ]);
  });

  test('are none where their like is everywhere', () => {
    expect(
      merged([{ path: 'lib/f' }, { path: 'lib64/f' }, { path: 'lib64/g' }], [{ path: 'lib/f' }]),
    ).toStrictEqual([
      ['/lib/f', '/lib/f'],
      ['/lib64/g', undefined],
    ]);
    expect(
      merged(
        [{ path: 'lib/ld.so' }, { path: 'lib64/ld-linux-x86-64.so.2' }],
        [{ path: 'lib/ld.so' }],
      ),
    ).toStrictEqual([['/lib/ld.so', '/lib/ld.so']]);
  });
});
