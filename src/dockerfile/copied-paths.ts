import { jsonWords } from './json-words.js';
import { BLANKS, type Instruction } from './parse.js';

/** What a COPY or ADD takes, and where to. */
export interface CopiedPaths {
  readonly sources: readonly string[];
  readonly destination: string;
}

/**
 * The paths of a COPY or ADD as they are written; undefined where the text alone does not say
 * them: a here-document, quotes, which count in JSON as well, signs that are escaped.
 */
export function copiedPaths(
  { keyword, text }: Pick<Instruction, 'keyword' | 'text'>,
  escapeSign: string,
): CopiedPaths | undefined {
  if ((keyword !== 'COPY' && keyword !== 'ADD') || text.includes('<<')) return undefined;
  const words = text.startsWith('[') ? jsonWords(text) : text.split(BLANKS);
  if (words === undefined || words.length < 2) return undefined;
  if (words.some((word) => /["'\\]/.test(word) || word.includes(escapeSign))) return undefined;
  return { sources: words.slice(0, -1), destination: words.at(-1) ?? '' };
}
