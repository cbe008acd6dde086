import { visible } from '../../evidence/index.js';

/** A line of a file without its end; counted from 1. */
export interface TextLine {
  readonly line: number;
  readonly text: string;
}

/** What editors of Windows put before the text. */
export const BYTE_ORDER_MARK = '\ufeff';

export function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** The lines of a text; each ends with a line feed, a carriage return before it is not its own. */
export function linesOf(text: string): readonly TextLine[] {
  return text.split('\n').map((one, at) => ({ line: at + 1, text: one.replace(/\r$/, '') }));
}

/** Where the text of a line begins, and that text without blanks around it. */
export function trimmed({ line, text }: TextLine) {
  return { line, column: text.length - text.trimStart().length + 1, text: text.trim() };
}

const SHOWN = 60;

/** What was written, short enough for a sentence, and with nothing in it that cannot be seen. */
export function shortened(text: string): string {
  return visible(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

export function quoted(text: string): string {
  return `"${shortened(text)}"`;
}
