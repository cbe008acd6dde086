/* A page made of sections, kept under a limit by leaving whole ones out. */

export interface Section {
  readonly text: string;
  /** Sections with a higher number go first when there is no room; 0 always stays. */
  readonly rank: number;
}

/** Title of the part that says how to run it again. */
export const RERUN = 'Run it again on your machine';

/** A folded part of the page. Markdown inside needs the blank lines around it. */
export function folded(title: string, text: string, open = false): string {
  return `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${text}\n\n</details>`;
}

/** A markdown table; cells are escaped already. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

const GAP = '\n\n';

function sizeOf(text: string): number {
  return Buffer.byteLength(text) + GAP.length;
}

function leftOut(number: number): string {
  const what = number === 1 ? '1 part of this page was' : `${number} parts of this page were`;
  return `_${what} left out to keep it small; the evidence has everything._`;
}

/**
 * The sections one after the other, in at most `limit` bytes: those of the
 * highest rank are left out whole, the last ones first, and a line says so.
 */
export function pageOf(sections: readonly Section[], limit: number): string {
  const kept = new Set(sections.filter(({ text }) => text !== ''));
  const all = kept.size;
  const order = [...kept].reverse().sort((one, other) => other.rank - one.rank);
  const room = limit - sizeOf(leftOut(all));
  let size = [...kept].reduce((sum, { text }) => sum + sizeOf(text), 0);
  for (const section of order) {
    if (size <= room || section.rank === 0) break;
    kept.delete(section);
    size -= sizeOf(section.text);
  }
  const texts = [...kept].map(({ text }) => text);
  if (kept.size < all) texts.push(leftOut(all - kept.size));
  return `${texts.join(GAP)}\n`;
}
