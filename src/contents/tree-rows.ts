import { withoutArchitectureWords } from './architecture-words.js';
import type { LayerEntry, LayerFacts } from './facts.js';
import { createTree } from './tree.js';

/** What one of several trees has at a path. */
export interface TreeEntry {
  readonly path: string;
  readonly entry: LayerEntry;
  /** The layer that put it there, counted from 1. */
  readonly layer: number;
  /** What a symlink leads to, where that is a file. */
  readonly target?: LayerEntry;
}

/** The same file in each of several trees, in their order; undefined where a tree has none. */
export type TreeRow = readonly (TreeEntry | undefined)[];

/**
 * Characters that the paths of several trees may have together: links make long paths of
 * short entries. A million files of a real image stay below half of it.
 */
const MOST_CHARACTERS = 256 * 1024 * 1024;

/** Symlinks of one tree that are followed: each may lead over forty others. */
const MOST_LINKS = 20_000;

/**
 * The trees of several images, path by path; undefined where their paths are too long to
 * be held. One tree at a time is held whole.
 */
export function treeRows(
  images: readonly (readonly LayerFacts[])[],
  most = MOST_CHARACTERS,
): ReadonlyMap<string, TreeRow> | undefined {
  const rows = new Map<string, (TreeEntry | undefined)[]>();
  let characters = 0;
  for (const [at, layers] of images.entries()) {
    const tree = createTree(layers);
    let links = 0;
    for (const { path: found, entry, layer } of tree.files()) {
      const known = rows.get(found);
      const row = known ?? images.map(() => undefined);
      if (known === undefined) {
        characters += found.length;
        if (characters > most) return undefined;
        rows.set(found, row);
      }
      // One text for all trees: there may be a million paths.
      const path = known?.find((one) => one !== undefined)?.path ?? found;
      const isFollowed = entry.kind === 'symlink' && ++links <= MOST_LINKS;
      const target = isFollowed ? tree.lookup(found)?.entry : undefined;
      row[at] = { path, entry, layer, ...(target?.kind === 'file' ? { target } : {}) };
    }
  }
  return rows;
}

const larger = (a: TreeEntry | undefined, b: TreeEntry | undefined) =>
  a === undefined || (b !== undefined && b.entry.size > a.entry.size) ? b : a;

/**
 * Rows of which some tree has nothing are mergedRows where their paths differ in an
 * architecture's name alone: `/lib/x86_64-linux-gnu/libz.so.1` and
 * `/lib/aarch64-linux-gnu/libz.so.1`. Where a tree has several such files, its largest
 * stands for them. One whose like is everywhere, as `/lib64` beside `/lib`, is left out.
 */
export function mergedRows(rows: ReadonlyMap<string, TreeRow>): readonly TreeRow[] {
  const whole: TreeRow[] = [];
  const groups = new Map<string, TreeRow>();
  for (const [path, row] of rows) {
    if (!row.includes(undefined)) {
      whole.push(row);
      continue;
    }
    const name = withoutArchitectureWords(path);
    if (name !== path && rows.get(name)?.includes(undefined) === false) continue;
    const group = groups.get(name);
    groups.set(name, group === undefined ? row : row.map((one, at) => larger(group[at], one)));
  }
  return [...whole, ...groups.values()];
}
