import type { StageStep } from './stages.js';

/** What a COPY or ADD says. */
interface CopiedPaths {
  /** `--name=value`. */
  readonly flags: readonly string[];
  readonly sources: readonly string[];
  readonly destination: string;
}

function jsonWords(text: string): readonly string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    const isList = Array.isArray(words) && words.every((word) => typeof word === 'string');
    return isList ? words : undefined;
  } catch {
    return undefined;
  }
}

/** One line, as BuildKit joins those that `\` continues. */
export function joinedLines(text: string): string {
  return text.replace(/\\[ \t]*\r?\n/g, '');
}

/**
 * The paths of a COPY or ADD as they are written; undefined where the text alone does not say
 * them: a here-document, quotes, comments between its lines.
 */
export function copiedPaths({ keyword, text }: StageStep): CopiedPaths | undefined {
  if (keyword !== 'COPY' && keyword !== 'ADD') return undefined;
  const whole = joinedLines(text).trim();
  if (whole.includes('<<') || whole.includes('\n')) return undefined;
  const [written = ''] = /^(?:--\S+\s+)*/.exec(whole) ?? [];
  const flags = written.split(/\s+/).filter((flag) => flag !== '');
  const rest = whole.slice(written.length);
  const words = rest.startsWith('[') ? jsonWords(rest) : rest.split(/\s+/);
  if (words === undefined || words.length < 2) return undefined;
  if (!rest.startsWith('[') && /["'\\]/.test(rest)) return undefined;
  return { flags, sources: words.slice(0, -1), destination: words.at(-1) ?? '' };
}
