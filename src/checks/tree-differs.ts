import { posix } from 'node:path';
import type { LayerFacts } from '../contents/index.js';
import { type Finding, finding, joinWords } from '../evidence/index.js';
import { type Compared, isJudged, type Seen, seenIn } from './compared.js';
import { isComplete } from './inspected.js';

const NAMED = 4;

/** Paths of one folder that are named. */
const LISTED = 3;

/** What Python compiles for itself, here or there, and what tools keep by names of each time. */
const KEPT = /\/__pycache__(?:\/|$)|\.py[co]$|\/\.cache(?:\/|$)|\/\.npm\/_/;

const KINDS = {
  file: 'a file',
  directory: 'a folder',
  symlink: 'a symlink',
  hardlink: 'a hard link',
  character: 'a device',
  block: 'a device',
  fifo: 'a pipe',
  other: 'something unknown',
} as const satisfies Record<LayerFacts['entries'][number]['kind'], string>;

const ONLY = 'only on ';

/** How platforms differ in a path, as a sentence goes on behind it. */
function differenceIn(seen: readonly Seen[], platforms: number): string | undefined {
  if (!isJudged(seen) || seen.some(({ path }) => KEPT.test(path))) return undefined;
  if (seen.length < platforms) return `${ONLY}${seen.map(({ on }) => on.platform).join(', ')}`;
  // What differs in its name, too, may well be a file here and a link there.
  const paths = new Set(seen.map(({ path }) => path));
  const kinds = new Set(seen.map(({ entry }) => entry.kind));
  if (paths.size > 1 || kinds.size === 1) return undefined;
  return seen.map(({ entry, on }) => `${KINDS[entry.kind]} on ${on.platform}`).join(', ');
}

const isAbsence = (difference: string) => difference.startsWith(ONLY);

/** Paths of one folder that differ in the same way, with all that is below them. */
interface Fold {
  readonly difference: string;
  readonly paths: string[];
}

/** The differences by folder; `all` is sorted, so that a folder comes before what it holds. */
function folded(all: readonly (readonly [path: string, difference: string])[]): readonly Fold[] {
  const folds = new Map<string, Fold>();
  const byPath = new Map<string, Fold>();
  for (const [path, difference] of all) {
    const folder = posix.dirname(path);
    const above = byPath.get(folder);
    // Below what is a folder on one platform only, all is on that platform only.
    const isWithin =
      above !== undefined && (above.difference === difference || !isAbsence(above.difference));
    const key = `${folder}\0${difference}`;
    const fold = isWithin ? above : (folds.get(key) ?? { difference, paths: [] });
    if (!isWithin) folds.set(key, fold);
    byPath.set(path, fold);
    fold.paths.push(path);
  }
  return [...folds.values()];
}

function listed(paths: readonly string[]): string {
  const left = paths.length - LISTED;
  return joinWords([...paths.slice(0, LISTED), ...(left > 0 ? [`${left} more`] : [])]);
}

/** The first of them by name, since a folder's does not say which; what a folder holds stands behind it. */
function sentence({ difference, paths }: Fold): string {
  const all = new Set(paths);
  const tops = paths.filter((path) => !all.has(posix.dirname(path)));
  const below = paths.filter((path) => all.has(posix.dirname(path)));
  const held =
    below.length === 0
      ? ''
      : `, with what is in ${tops.length === 1 ? 'it' : 'them'}: ${listed(below)}`;
  return `${listed(tops)} ${tops.length === 1 ? 'is' : 'are'} ${difference}${held}`;
}

/**
 * What is on some of an image's platforms only, or of another kind there: one note,
 * which names the first. Says nothing of what the bases brought, of names that differ in
 * an architecture alone, and where a layer could not be read.
 */
export function treeDiffers(compared: Compared): readonly Finding[] {
  const { image, platforms, alike } = compared;
  if (!platforms.every(isComplete)) return [];
  const different = alike.flatMap((row) => {
    // Nearly all rows end here.
    if (row.every((one) => one !== undefined && one.entry.kind === row[0]?.entry.kind)) return [];
    const seen = seenIn(row, platforms);
    const difference = differenceIn(seen, platforms.length);
    if (difference === undefined) return [];
    return seen.slice(0, 1).map(({ path }) => [path, difference] as const);
  });
  const folds = folded(different.sort(([a], [b]) => (a < b ? -1 : 1)));
  const [first, ...others] = folds;
  if (first === undefined) return [];
  const differences = others.length === 1 ? 'difference' : 'differences';
  const more = others.length === 0 ? '' : `; ${others.length} more such ${differences}`;
  const left = folds.length - NAMED;
  return [
    finding('tree-differs', { image, path: first.paths[0] }, `${sentence(first)}${more}.`, {
      detail: [
        ...others.slice(0, NAMED - 1).map(sentence),
        ...(left > 0 ? [`and ${left} more`] : []),
      ],
    }),
  ];
}
