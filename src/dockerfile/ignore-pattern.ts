import { RE2JS } from 're2js';

/*
 * A pattern of a `.dockerignore` as moby/patternmatcher reads it, case by case: which of four
 * ways to compare it takes, and the regular expression of the last one.
 */

/** Whether a path fits a pattern. */
type Fits = (path: string) => boolean;

/** A sign of a class: none of `-` and `]` but behind a backslash. */
const MEMBER = String.raw`(?:\\.|[^\\\-\]])`;
const CLASS = String.raw`\[(?:\^|(?!\^))(?:${MEMBER}(?:-${MEMBER})?)+\]`;
/** What Go's filepath.Match takes between two `*`. */
const VALID = new RegExp(String.raw`^(?:${CLASS}|\\.|[^\\[])*$`, 'su');
/** What takes exactly one sign there. */
const ONE = new RegExp(String.raw`^(?:${CLASS}|\\.|[^\\[])$`, 'su');
/** What stands between two `*` that are in no class. */
const CHUNK = /\**((?:\\.|\[(?:\\.|[^\]\\]|\\$)*(?:\]|$)|[^*[])*)/suy;

/**
 * Signs that are taken for themselves. `|`, `{` and `}` were to be among them; a shift that is
 * too wide for its byte leaves them out, so that they mean what they do in an expression.
 */
const PLAIN = '.+()$';

/** Repetitions (`{2}`) of which an expression has no more. */
const MOST = 1000;

type Way = 'exact' | 'prefix' | 'suffix' | 'expression';

/** How a cleaned pattern is compared, and its regular expression. */
function translate(pattern: string): { readonly way: Way; readonly source: string } {
  const signs = [...pattern.replace(/^\uFEFF/, '')];
  let way: Way = 'exact';
  let source = '^';
  for (let at = 0, count = 0; at < signs.length; count++) {
    const sign = signs[at++] ?? '';
    if (sign === '*' && signs[at] === '*') {
      at += signs[at + 1] === '/' ? 2 : 1;
      if (at < signs.length) {
        source += '(.*/)?';
        way = 'expression';
      } else if (way === 'exact') {
        way = 'prefix';
      } else {
        source += '.*';
        way = 'expression';
      }
      if (count === 0) way = 'suffix';
    } else if (sign === '*' || sign === '?') {
      source += sign === '*' ? '[^/]*' : '[^/]';
      way = 'expression';
    } else if (sign === '\\' && at < signs.length) {
      source += `\\${signs[at++]}`;
      way = 'expression';
    } else if (PLAIN.includes(sign)) {
      source += `\\${sign}`;
    } else {
      // A backslash that comes last takes the meaning of the expression's own end.
      source += sign;
      if (sign === '[' || sign === ']') way = 'expression';
    }
  }
  return { way, source: `${source}$` };
}

/** A comparison by a regular expression; undefined where it is none. */
function expressionOf(source: string): Fits | undefined {
  try {
    const expression = RE2JS.compile(source);
    return (path) => expression.matcher(path).find();
  } catch {
    return undefined;
  }
}

/** Whether a pattern is refused at sight: the builder compares it with `.` first, as far as that fits. */
export function isRefused(pattern: string): boolean {
  CHUNK.lastIndex = 0;
  const [first = '', second = ''] = [1, 2].map(() => CHUNK.exec(pattern)?.[1]);
  if (pattern === '' || !VALID.test(first)) return true;
  if (VALID.test(second) || !ONE.test(first)) return false;
  return expressionOf(translate(first).source)?.('.') === true;
}

/** How a pattern is compared with paths. */
export interface Comparison {
  /** What it is to compile and to compare, about the length of its expression with all repetitions. */
  readonly size: number;
  /** Undefined where its expression is none: the builder fails once it compares a path with it. */
  compile(): Fits | undefined;
}

/** How a cleaned pattern is compared that is not refused at sight. */
export function comparisonOf(pattern: string): Comparison {
  const { way, source } = translate(pattern);
  if (way === 'exact') return { size: 1, compile: () => (path) => path === pattern };
  if (way === 'prefix') {
    const begin = pattern.slice(0, -2);
    return { size: 1, compile: () => (path) => path.startsWith(begin) };
  }
  if (way === 'expression') {
    const counts = [...source.matchAll(/(?<=\{[\d,]*)\d+/g)].map(([count]) =>
      Math.min(Number(count), MOST),
    );
    const size = counts.reduce((sum, count) => sum + count, source.length);
    return { size, compile: () => expressionOf(source) };
  }
  const end = pattern.slice(2);
  // `**/a` fits `a` too.
  const fits: Fits = (path) => path.endsWith(end) || (end.startsWith('/') && path === end.slice(1));
  return { size: 1, compile: () => fits };
}
