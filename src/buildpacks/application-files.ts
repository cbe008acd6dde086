import { RE2JS } from 're2js';

/* Which files of a folder pack gives to a build (pack 0.40, getFileFilter in pkg/client/build.go). */

/** A line of the patterns: what it fits, and whether it takes that out again (`!`). */
interface FilterLine {
  readonly pattern: RE2JS;
  readonly negated: boolean;
}

/** Stands for a star that is to stay one while others are replaced. */
const STAR = '#$~';

/**
 * The expression that github.com/sabhiram/go-gitignore makes of a line, step by step as it
 * does: what it makes of unusual lines is not what git would.
 */
function expressionOf(line: string): string {
  const rooted = /[^/+]\/.*\*\./.test(line) && !line.startsWith('/') ? `/${line}` : line;
  const body = rooted
    .replaceAll('.', () => '\\.')
    .replace(/^\/\*\*\//, '**/')
    .replaceAll('/**/', () => '(/|/.+/)')
    .replaceAll('**/', () => `(|.${STAR}/)`)
    .replaceAll('/**', () => `(|/.${STAR})`)
    .replaceAll('\\*', () => `\\${STAR}`)
    .replaceAll('*', () => '([^/]*)')
    .replaceAll('?', () => '\\?')
    .replaceAll(STAR, () => '*');
  const whole = body.endsWith('/') ? `${body}(|.*)$` : `${body}(|/.*)$`;
  return whole.startsWith('/') ? `^(|/)${whole.slice(1)}` : `^(|.*/)${whole}`;
}

/** Undefined for a comment, an empty line, and what is no pattern, which pack leaves out as well. */
function compile(written: string): FilterLine | undefined {
  const line = written.replace(/\r+$/, '');
  const text = line.replace(/^ +| +$/g, '');
  if (line.startsWith('#') || text === '') return undefined;
  const negated = text.startsWith('!');
  const rest = (negated ? text.slice(1) : text).replace(/^[#!]/, '');
  try {
    return { pattern: RE2JS.compile(expressionOf(rest)), negated };
  } catch {
    return undefined;
  }
}

function fits(lines: readonly FilterLine[], path: string): boolean {
  return lines.reduce(
    (found, { pattern, negated }) => (pattern.matcher(path).find() ? !negated : found),
    false,
  );
}

/**
 * Whether a build gets a file, by its path in the application's folder. Each file is judged
 * by its own path: a folder that is left out does not take what is in it along.
 */
export function applicationFilter({
  include = [],
  exclude = [],
}: {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}): (path: string) => boolean {
  const lines = (exclude.length > 0 ? exclude : include).flatMap((line) => compile(line) ?? []);
  if (exclude.length > 0) return (path) => !fits(lines, path);
  return include.length > 0 ? (path) => fits(lines, path) : () => true;
}
