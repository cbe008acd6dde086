import { RE2JS } from 're2js';

/*
 * A pattern of a `.dockerignore` as moby/patternmatcher reads it, case by case: which of four
 * ways to compare it takes, and the regular expression of the last one.
 */

/** Whether a path fits a pattern; undefined where the pattern cannot be read. */
export type Fits = (path: string) => boolean;

/** A sign of a class: none of `-` and `]` but behind a backslash. */
const MEMBER = String.raw`(?:\\.|[^\\\-\]])`;
const CLASS = String.raw`\[(?:\^|(?!\^))(?:${MEMBER}(?:-${MEMBER})?)+\]`;
/** What Go's filepath.Match takes between two `*`. */
const VALID = new RegExp(String.raw`^(?:${CLASS}|\\.|[^\\[])*$`, 'su');
/** What stands between two `*` that are in no class. */
const CHUNK = /\**((?:\\.|\[(?:\\.|[^\]\\]|\\$)*(?:\]|$)|[^*[])*)/suy;

/**
 * Signs that are taken for themselves. `|`, `{` and `}` were to be among them; a shift that is
 * too wide for its byte leaves them out, so that they mean what they do in an expression.
 */
const PLAIN = '.+()$';

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
    } else if (sign === '\\' || PLAIN.includes(sign)) {
      source += `\\${sign}`;
    } else {
      source += sign;
      if (sign === '[' || sign === ']') way = 'expression';
    }
  }
  return { way, source: `${source}$` };
}

/** A comparison by the regular expression; undefined where it is none. */
function expressionOf(source: string): Fits | undefined {
  try {
    const expression = RE2JS.compile(source);
    return (path) => expression.matcher(path).find();
  } catch {
    return undefined;
  }
}

/** Whether a pattern is refused at sight: the builder compares it with `.` first, as far as that fits. */
function isRefused(pattern: string): boolean {
  CHUNK.lastIndex = 0;
  const [first = '', second = ''] = [1, 2].map(() => CHUNK.exec(pattern)?.[1]);
  if (!VALID.test(first)) return true;
  return !VALID.test(second) && expressionOf(translate(first).source)?.('.') === true;
}

/** How a cleaned pattern is compared with paths; undefined where the builder refuses it. */
export function compilePattern(pattern: string): Fits | undefined {
  if (isRefused(pattern)) return undefined;
  const { way, source } = translate(pattern);
  if (way === 'exact') return (path) => path === pattern;
  if (way === 'prefix') return (path) => path.startsWith(pattern.slice(0, -2));
  if (way === 'expression') return expressionOf(source);
  const end = pattern.slice(2);
  // `**/a` fits `a` too.
  return (path) => path.endsWith(end) || (end.startsWith('/') && path === end.slice(1));
}
