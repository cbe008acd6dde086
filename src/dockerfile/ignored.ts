import { join, resolve } from 'node:path';

/*
 * `.dockerignore` as BuildKit reads it (moby/patternmatcher). Patterns are followed state by
 * state, so that none can make a search long.
 */

/** A line of a `.dockerignore` that is a pattern. */
export interface IgnoreLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

type Part =
  | { readonly kind: 'one'; fits(sign: string): boolean }
  | { readonly kind: 'name' | 'folders' | 'all' };

interface Pattern extends IgnoreLine {
  readonly parts: readonly Part[];
  readonly isException: boolean;
}

/** What is longer is not looked into. */
const LONGEST = 1000;
const MOST = 2000;

/** `*` within a name, `**` over folders, `?`, `[a-z]`, and `\` before what means itself. */
function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  const token = /\*\*(\/?)|\*|\?|\[((?:\\.|[^\]\\])+)\]|\\(.)|(.)/gsu;
  for (const found of text.matchAll(token)) {
    const [whole, , set, escaped, plain] = found;
    if (whole.startsWith('**')) {
      parts.push({ kind: found.index + whole.length === text.length ? 'all' : 'folders' });
    } else if (whole === '*') parts.push({ kind: 'name' });
    else if (whole === '?') parts.push({ kind: 'one', fits: (sign) => sign !== '/' });
    else if (set !== undefined) parts.push({ kind: 'one', fits: setOf(set) });
    else parts.push({ kind: 'one', fits: (sign) => sign === (escaped ?? plain) });
  }
  return parts;
}

/** `a-z`, `^0-9`: the characters of a class. */
function setOf(text: string): (sign: string) => boolean {
  const isNegated = text.startsWith('^');
  const ranges = [...text.slice(isNegated ? 1 : 0).matchAll(/\\?(.)(?:-\\?(.))?/gsu)].map(
    ([, from = '', to = from]) => [from, to] as const,
  );
  return (sign) => ranges.some(([from, to]) => from <= sign && sign <= to) !== isNegated;
}

/** Whether a whole path fits: the numbers of all parts at which it can stand, sign by sign. */
function fits(parts: readonly Part[], path: string): boolean {
  const enter = (states: Set<number>, at: number): Set<number> => {
    states.add(at);
    const kind = parts[at]?.kind;
    if (kind !== undefined && kind !== 'one') enter(states, at + 1);
    return states;
  };
  let states = enter(new Set(), 0);
  // Within `**/`, what follows may begin only behind a slash.
  let inside = new Set<number>();
  for (const sign of path) {
    const [next, deeper] = [new Set<number>(), new Set<number>()];
    for (const at of [...states, ...inside]) {
      const part = parts[at];
      if (part === undefined) continue;
      if (part.kind === 'folders') {
        deeper.add(at);
        if (sign === '/') enter(next, at + 1);
      } else if (part.kind === 'one') {
        if (part.fits(sign)) enter(next, at + 1);
      } else if (part.kind === 'all' || sign !== '/') enter(next, at);
    }
    [states, inside] = [next, deeper];
    for (const at of inside) states.delete(at);
  }
  return states.has(parts.length);
}

/** `./a//b/../c/` as `a/c`, as Go's path.Clean has it. */
function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '..' && parts.length > 0) parts.pop();
    else if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.join('/');
}

function patternsIn(text: string): readonly Pattern[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n', MOST)
    .flatMap((written, index) => {
      const trimmed = written.trim();
      if (written.startsWith('#') || trimmed === '' || trimmed.length > LONGEST) return [];
      const isException = trimmed.startsWith('!');
      const pattern = cleaned(isException ? trimmed.slice(1).trim() : trimmed);
      if (pattern === '') return [];
      return [{ line: index + 1, text: trimmed, isException, parts: partsOf(pattern) }];
    });
}

/**
 * Whether the patterns of a `.dockerignore` mean the same to every reader of it: none is cut off,
 * comes after an exception, leaves the context, or has `**` beside other characters.
 */
export function isCertain(text: string): boolean {
  const lines = text.split('\n').map((line) => line.trim());
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const exception = patterns.findIndex((line) => line.startsWith('!'));
  const after = exception < 0 ? [] : patterns.slice(exception);
  return (
    lines.length <= MOST &&
    patterns.every((line) => line.length <= LONGEST && !/\.\.|\*\*[^/]|[^/!]\*\*/.test(line)) &&
    after.every((line) => line.startsWith('!'))
  );
}

/** The line of a `.dockerignore` that leaves a path of the context out; undefined where it is sent. */
export function ignoredBy(text: string, path: string): IgnoreLine | undefined {
  const names = cleaned(path).split('/');
  const withParents = names.map((_, index) => names.slice(0, index + 1).join('/'));
  let last: Pattern | undefined;
  for (const pattern of patternsIn(text)) {
    if (withParents.some((one) => fits(pattern.parts, one))) last = pattern;
  }
  if (last === undefined || last.isException) return undefined;
  return { line: last.line, text: last.text };
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
