import { join, posix, resolve } from 'node:path';
import { compilePattern, type Fits } from './ignore-pattern.js';
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

function patternsIn(text: string): readonly IgnorePattern[] {
  const lines = linesOf(text).slice(0, MOST);
  return lines.flatMap((line, index) =>
    line.length > LONGEST ? [] : (patternOf(line, index) ?? []),
  );
}

/** Whether all lines of a `.dockerignore` are looked at, and can be read. */
export function isCertain(text: string): boolean {
  const lines = linesOf(text);
  const isWhole = lines.length <= MOST && lines.every((line) => line.length <= LONGEST);
  return isWhole && faultyLine(text) === undefined;
}

/** The first line that no builder can read. */
export function faultyLine(text: string): IgnoreLine | undefined {
  const found = patternsIn(text).find(
    ({ pattern }) => pattern === '' || compilePattern(pattern) === undefined,
  );
  return found === undefined ? undefined : { line: found.line, text: found.text };
}

/** What decides about paths: patterns that can be compared. */
type ComparedPattern = IgnorePattern & { readonly fits: Fits };

/** Signs of which an exception must have none, that folders without it be left alone. */
const GLOB = /[*[\]?^\\]/;

function withoutGlob(pattern: string): string {
  return pattern.replace(/\/\*\*$/, '').replace(/\/\*$/, '');
}

/** Whether no path in a folder that is left out is looked at. */
function isSkipped(folder: string, patterns: readonly ComparedPattern[]): boolean {
  const exceptions = patterns
    .filter(({ isException }) => isException)
    .map(({ pattern }) => withoutGlob(pattern));
  if (exceptions.some((pattern) => GLOB.test(pattern))) return false;
  return !exceptions.some((pattern) => `${pattern}/`.startsWith(`${folder}/`));
}

/** The line of a `.dockerignore` that leaves a path of the context out; undefined where it is sent. */
export function ignoredBy(text: string, path: string): IgnoreLine | undefined {
  const patterns = patternsIn(text).flatMap((one): ComparedPattern[] => {
    const fits = compilePattern(one.pattern);
    return fits === undefined ? [] : [{ ...one, fits }];
  });
  const names = cleaned(path)
    .split('/')
    .filter((name) => name !== '' && name !== '.');
  // What has fitted a folder fits all that is in it.
  const fitted = new Set<ComparedPattern>();
  let last: ComparedPattern | undefined;
  for (const depth of names.keys()) {
    const way = names.slice(0, depth + 1).join('/');
    last = undefined;
    for (const one of patterns) {
      const isAsked = one.isException === (last !== undefined);
      if (!fitted.has(one) && !(isAsked && one.fits(way))) continue;
      fitted.add(one);
      last = one.isException ? undefined : one;
    }
    if (last !== undefined && depth < names.length - 1 && isSkipped(way, patterns)) break;
  }
  return last === undefined ? undefined : { line: last.line, text: last.text };
}

/** The list of what a context leaves out; its text is empty where there is none. */
export interface IgnoreList {
  readonly file: string;
  readonly text: string;
}

/** The files among which the lists are. */
interface IgnoreFiles {
  look(path: string): Promise<unknown>;
  read(path: string, most: number): Promise<Buffer>;
}

/** Bytes of a list. */
const LARGEST = 1024 * 1024;

/**
 * What a build's context leaves out: the list beside the Dockerfile comes before the
 * context's own. One that is not there, or cannot be read, is empty.
 */
export async function readIgnore(
  { file, context }: { readonly file: string; readonly context: string },
  root: string,
  files: IgnoreFiles,
): Promise<IgnoreList> {
  const own = join(context, '.dockerignore');
  for (const path of [`${file}.dockerignore`, own]) {
    if ((await files.look(resolve(root, path))) === undefined) continue;
    const content = await files.read(resolve(root, path), LARGEST).catch(() => undefined);
    return { file: path, text: content?.toString('utf8') ?? '' };
  }
  return { file: own, text: '' };
}
