/*
 * docker and buildx read many of their options as one line of CSV (RFC 4180, by Go's
 * encoding/csv or go-csvvalue, without lazy quotes).
 */

/** What a text was read as, or a sentence's end that says why it cannot be. */
export type ReadResult<T> = { readonly value: T } | { readonly fault: string };

/** A field in quotes. */
export function quotedField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A field, in quotes where it needs them: white space at the ends of a line is not read. */
export function csvField(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? quotedField(text) : text;
}

/** A field in quotes or without, and what ends it. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;

/**
 * The fields of a line. White space around the whole is left out. The two readers of Go
 * differ in what they make of a line break, so there may be none.
 */
export function readFields(text: string): ReadResult<readonly string[]> {
  const line = text.trim();
  if (line === '') return { fault: 'it is empty' };
  if (/[\r\n]/.test(line)) return { fault: 'it holds a line break' };
  const fields: string[] = [];
  for (let at = 0; ; at = FIELD.lastIndex) {
    FIELD.lastIndex = at;
    const [, quoted, plain = '', end] = FIELD.exec(line) ?? [];
    if (end === undefined) {
      const fault =
        'its quotes are not valid CSV: quotes go around a whole NAME=VALUE, and a quote inside is written twice';
      return { fault };
    }
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '') return { value: fields };
  }
}
