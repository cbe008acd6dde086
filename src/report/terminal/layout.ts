import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/* Text laid out in the columns of a terminal. Widths are in columns. */

/** Columns that a text takes. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** Words of a text in lines of at most `width`; a longer word stays whole on a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  return wrapAnsi(text, Math.max(width, 1)).split('\n');
}

/** Wrapped text behind an indent. */
export function paragraph(text: string, indent: number, width: number): readonly string[] {
  return wrap(text, width - indent).map((line) => `${' '.repeat(indent)}${line}`);
}

/** A line in pieces of at most `width`, broken at any character: a program's output has no words. */
export function pieces(line: string, width: number): readonly string[] {
  return wrapAnsi(line, Math.max(width, 2), { hard: true, wordWrap: false, trim: false }).split(
    '\n',
  );
}

/** A text filled with blanks up to a width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - columnsOf(text), 0));
}

/** A left and a right part on one line of `width`; the left one wraps where both do not fit. */
export function spread(left: string, right: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(left, width - columnsOf(right) - 2);
  return [
    `${padded(first, width - columnsOf(right))}${right}`.trimEnd(),
    ...rest.map((line) => `  ${line}`),
  ];
}

/** Rows with their columns aligned to the left, three blanks apart, those in `right` to the right. */
export function alignedRows(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): readonly string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, columnsOf(cell))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return right.has(index)
          ? `${' '.repeat(width - columnsOf(cell))}${cell}`
          : padded(cell, width);
      })
      .join('   ')
      .trimEnd(),
  );
}

const graphemes = new Intl.Segmenter();

/** A text cut to a number of columns, with an ellipsis where something went. */
export function truncated(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += columnsOf(segment);
    if (used > columns) break;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
}
