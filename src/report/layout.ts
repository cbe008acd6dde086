/* Text set in columns of a terminal. Widths are in characters. */

/** Words of a text in lines of at most `width`; a longer word stays whole on a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Wrapped text behind an indent. */
export function paragraph(text: string, indent: number, width: number): readonly string[] {
  return wrap(text, width - indent).map((line) => `${' '.repeat(indent)}${line}`);
}

/**
 * A text in pieces of at most `columns`, broken wherever that is: what a program
 * wrote is not made of words.
 */
export function pieces(text: string, columns: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  let used = 0;
  for (const sign of text) {
    const wide = columnsOf(sign);
    if (used + wide > columns && piece !== '') {
      found.push(piece);
      [piece, used] = ['', 0];
    }
    piece += sign;
    used += wide;
  }
  return [...found, piece];
}

/** A left and a right part on lines of `width`; the left one wraps where both do not fit. */
export function spread(left: string, right: string, width: number): readonly string[] {
  const room = width - right.length - 2;
  const [first = '', ...rest] = wrap(left, room);
  return [
    `${first.padEnd(width - right.length)}${right}`.trimEnd(),
    ...rest.map((line) => `  ${line}`),
  ];
}

/** Rows with their columns aligned to the left, two spaces apart, numbers to the right. */
export function table(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): readonly string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) =>
        right.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('   ')
      .trimEnd(),
  );
}

/** Characters that take two columns: East Asian wide ones and pictographs (UAX #11, roughly). */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text without control characters takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const sign of text) columns += WIDE.test(sign) ? 2 : 1;
  return columns;
}

/** A text cut to a number of columns, with an ellipsis where something went. */
export function within(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const sign of text) {
    used += columnsOf(sign);
    if (used > columns) break;
    kept += sign;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
}
