/** What a document shall say: texts, lists and maps. */
export type Written = string | readonly Written[] | { readonly [key: string]: Written | undefined };

export type WrittenMap = { readonly [key: string]: Written | undefined };

/** A text that YAML reads as itself without quotes, in brackets as well. */
const PLAIN = /^[A-Za-z0-9_./+][\w./@+=~()-]*(?:[ :][\w./@+=~()-]+)*$/;
const NOTHING = /^(?:null|\.{3})$/;

function scalarText(text: string): string {
  return PLAIN.test(text) && !NOTHING.test(text) ? text : JSON.stringify(text);
}

/** Whether a value is a list; what else is no text is a map. */
export function isList(value: Written): value is readonly Written[] {
  return Array.isArray(value);
}

/** What a map says, without what is undefined. */
export function entriesOf(value: WrittenMap): readonly (readonly [string, Written])[] {
  return Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, one]]));
}

/** The value in one line: `[a, b]`, `{ a: b }`. */
export function inline(value: Written): string {
  if (typeof value === 'string') return scalarText(value);
  if (isList(value)) return `[${value.map(inline).join(', ')}]`;
  const pairs = entriesOf(value).map(([key, one]) => `${scalarText(key)}: ${inline(one)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** Whether a value is written over several lines: a list or a map that holds something. */
export function isBlock(value: Written): boolean {
  if (typeof value === 'string') return false;
  return isList(value) ? value.length > 0 : entriesOf(value).length > 0;
}

/** The lines of a map's entry. */
export function entryLines(key: string, value: Written, indent: string): readonly string[] {
  const name = `${indent}${scalarText(key)}:`;
  if (!isBlock(value)) return [`${name} ${inline(value)}`];
  return [name, ...blockLines(value, `${indent}  `)];
}

/** The lines of a list's item. */
export function itemLines(value: Written, indent: string): readonly string[] {
  if (typeof value === 'string' || isList(value) || !isBlock(value)) {
    return [`${indent}- ${inline(value)}`];
  }
  const [first = '', ...rest] = blockLines(value, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

/** The lines of a value in a block that is indented by `indent`. */
export function blockLines(value: Written, indent: string): readonly string[] {
  if (typeof value === 'string') return [`${indent}${scalarText(value)}`];
  if (isList(value)) return value.flatMap((item) => itemLines(item, indent));
  return entriesOf(value).flatMap(([key, one]) => entryLines(key, one, indent));
}

/** A document as text, each entry on a line of its own. */
export function writeDocument(value: Written): string {
  return `${blockLines(value, '').join('\n')}\n`;
}
