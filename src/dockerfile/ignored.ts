import { basename, dirname, join, posix, resolve } from 'node:path';
import { type Files, linksStayInside } from '../ports/index.js';
import { type Comparison, comparisonOf, isRefused } from './ignore-pattern.js';
import { trimSpace } from './spaces.js';

/*
 * `.dockerignore` as the builder reads it: its lines by moby/patternmatcher's ignorefile, and
 * which paths they leave out by its matcher, folder by folder as tonistiigi/fsutil goes.
 */

/** A line of a `.dockerignore` that is a pattern. */
export interface IgnoreLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

interface IgnorePattern extends IgnoreLine {
  /** As it is compared, without the `!` of an exception. */
  readonly pattern: string;
  readonly isException: boolean;
}

/** What is longer is not looked into. */
const LONGEST = 1000;
const MOST = 2000;
/** Of all patterns of a list together, by the sizes of their comparisons. */
const LARGEST_SIZE = 32 * 1024;
/** Of comparing paths with a list: the length of each path by the size of each comparison. */
const MOST_WORK = 500_000_000;

/** A path as Go's path.Clean leaves it. */
function cleaned(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean;
}

/** The pattern of a line; undefined where it is empty or a comment. */
function patternOf(written: string, index: number): IgnorePattern | undefined {
  const text = trimSpace(written);
  if (written.startsWith('#') || text === '') return undefined;
  const isInverted = text.startsWith('!');
  const bare = isInverted ? trimSpace(text.slice(1)) : text;
  const fromRoot = bare === '' ? '' : cleaned(bare).replace(/^\/(?=.)/s, '');
  // The whole is cleaned once more, with its sign.
  const whole = cleaned(trimSpace((isInverted ? '!' : '') + fromRoot));
  const isException = whole.startsWith('!');
  return { line: index + 1, text, pattern: isException ? whole.slice(1) : whole, isException };
}

function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.map((line) => line.replace(/\r$/, ''));
}

/** A pattern that can be compared with paths. */
interface ComparedPattern extends IgnorePattern {
  readonly size: number;
  readonly fits: NonNullable<ReturnType<Comparison['compile']>>;
}

/** Signs of which an exception must have none, that folders without it be left alone. */
const GLOB = /[*[\]?^\\]/;

function withoutGlob(pattern: string): string {
  return pattern.replace(/\/\*\*$/, '').replace(/\/\*$/, '');
}

/** Whether no path in a folder that is left out is looked at. */
function skipping(patterns: readonly IgnorePattern[]): (folder: string) => boolean {
  const exceptions = patterns
    .filter(({ isException }) => isException)
    .map(({ pattern }) => withoutGlob(pattern));
  if (exceptions.some((pattern) => GLOB.test(pattern))) return () => false;
  return (folder) => !exceptions.some((pattern) => `${pattern}/`.startsWith(`${folder}/`));
}

/** What a list says of a path, and of what is in it. */
interface PathState {
  /** What has fitted a folder fits all that is in it. */
  readonly fitted: ReadonlySet<ComparedPattern>;
  readonly last: ComparedPattern | undefined;
  /** Nothing in it is looked at. */
  readonly isFinal: boolean;
}

/** All patterns, ready to be compared; undefined where they are too many, too long, or none that can be compared. */
function compileAll(
  patterns: readonly IgnorePattern[],
  lines: readonly string[],
): readonly ComparedPattern[] | undefined {
  if (lines.length > MOST || lines.some((line) => line.length > LONGEST)) return undefined;
  const all = patterns.map((one) => ({ ...one, ...comparisonOf(one.pattern) }));
  if (all.reduce((sum, { size }) => sum + size, 0) > LARGEST_SIZE) return undefined;
  const compared: ComparedPattern[] = [];
  for (const { compile, ...one } of all) {
    const fits = compile();
    if (fits === undefined) return undefined;
    compared.push({ ...one, fits });
  }
  return compared;
}

/** What a `.dockerignore` says of the paths of a context. */
export interface IgnoreRules {
  /** The first line that no builder can read. */
  readonly faulty?: IgnoreLine;
  /** Whether a line may take back a part of what others leave out. */
  readonly hasExceptions: boolean;
  /** Whether it is known what it leaves out: where comparing paths became too much work, no longer. */
  isCertain(): boolean;
  /** The line that leaves a path out for certain. */
  ignoredBy(path: string): IgnoreLine | undefined;
}

/** Of a list of which nothing is known. */
const UNKNOWN: IgnoreRules = {
  hasExceptions: true,
  isCertain: () => false,
  ignoredBy: () => undefined,
};

/** The comparison of paths with patterns; undefined where that became too much work. */
function comparing(
  patterns: readonly ComparedPattern[],
): (path: string) => ComparedPattern | 'sent' | undefined {
  const isSkipped = skipping(patterns);
  const folders = new Map<string, PathState>();
  let left = MOST_WORK;
  const stateOf = (way: string, above: PathState): PathState => {
    const fitted = new Set(above.fitted);
    let last: ComparedPattern | undefined;
    for (const one of patterns) {
      const isAsked = one.isException === (last !== undefined);
      if (!fitted.has(one)) {
        if (!isAsked) continue;
        left -= one.size * way.length;
        if (left < 0 || !one.fits(way)) continue;
        fitted.add(one);
      }
      last = one.isException ? undefined : one;
    }
    return { fitted, last, isFinal: last !== undefined && isSkipped(way) };
  };
  return (path) => {
    const names = cleaned(path)
      .split('/')
      .filter((name) => name !== '' && name !== '.');
    let state: PathState = { fitted: new Set(), last: undefined, isFinal: false };
    for (const depth of names.keys()) {
      if (state.isFinal) break;
      const way = names.slice(0, depth + 1).join('/');
      state = folders.get(way) ?? stateOf(way, state);
      if (left < 0) return undefined;
      if (depth < names.length - 1) folders.set(way, state);
    }
    return state.last ?? 'sent';
  };
}

/** Reads a `.dockerignore`, so that many paths can be compared with it. */
export function readRules(text: string): IgnoreRules {
  const lines = linesOf(text);
  const patterns = lines
    .slice(0, MOST)
    .flatMap((line, index) => (line.length > LONGEST ? [] : (patternOf(line, index) ?? [])));
  const refused = patterns.find(({ pattern }) => isRefused(pattern));
  if (refused !== undefined) {
    return { ...UNKNOWN, faulty: { line: refused.line, text: refused.text } };
  }
  const compared = compileAll(patterns, lines);
  if (compared === undefined) return UNKNOWN;
  const compare = comparing(compared);
  let isKnown = true;
  return {
    hasExceptions: patterns.some(({ isException }) => isException),
    isCertain: () => isKnown,
    ignoredBy: (path) => {
      const found = compare(path);
      if (found === undefined) isKnown = false;
      return found === undefined || found === 'sent'
        ? undefined
        : { line: found.line, text: found.text };
    },
  };
}

/** The list of what a context leaves out; it leaves out nothing where there is none. */
export interface IgnoreList {
  readonly file: string;
  readonly rules: IgnoreRules;
}

/** Bytes of a list. */
const LARGEST = 1024 * 1024;

/** The rules of a list that may be there; undefined where there is none. */
async function rulesIn(
  path: string,
  files: Pick<Files, 'look' | 'read' | 'target'>,
): Promise<IgnoreRules | undefined> {
  if ((await files.look(path)) === undefined) return undefined;
  // The builder, which has the folder alone, reads another file or none; this one may be anybody's.
  if (!(await linksStayInside(dirname(path), basename(path), files))) return UNKNOWN;
  try {
    return readRules((await files.read(path, LARGEST)).toString('utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : UNKNOWN;
  }
}

/**
 * What a build's context leaves out: the list beside the Dockerfile comes before the
 * context's own. Of one that cannot be read, or is a link that leads out of its folder,
 * nothing is known.
 */
export async function readIgnore(
  { file, context }: { readonly file: string; readonly context: string },
  root: string,
  files: Pick<Files, 'look' | 'read' | 'target'>,
): Promise<IgnoreList> {
  const own = join(context, '.dockerignore');
  for (const path of [`${file}.dockerignore`, own]) {
    const rules = await rulesIn(resolve(root, path), files);
    if (rules !== undefined) return { file: path, rules };
  }
  return { file: own, rules: readRules('') };
}
