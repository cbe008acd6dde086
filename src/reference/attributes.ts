import { csvField, type ReadResult } from './csv.js';

/** What an entry says, in its order; names are in small letters, as buildx takes them. */
export type Attributes = ReadonlyMap<string, string>;

/** The fields of an entry as NAME=VALUE, each name once. */
export function readAttributes(fields: readonly string[]): ReadResult<Attributes> {
  const attributes = new Map<string, string>();
  for (const [index, field] of fields.entries()) {
    const [, written, value = ''] = /([^=]*)=(.*)/s.exec(field) ?? [];
    if (written === undefined) return { fault: `its part ${index + 1} is not NAME=VALUE` };
    // Beyond these letters the two languages differ in which small letter belongs to which capital.
    if (!/^[\x21-\x7e]+$/.test(written)) {
      const name = JSON.stringify(written);
      return {
        fault: `${name} is not an attribute's name: only ASCII letters and signs without spaces are allowed`,
      };
    }
    const name = written.toLowerCase();
    if (attributes.has(name)) return { fault: `it names "${name}" twice; keep one of them` };
    attributes.set(name, value);
  }
  return { value: attributes };
}

export function writeAttributes(attributes: Attributes): string {
  return [...attributes].map(([name, value]) => csvField(`${name}=${value}`)).join(',');
}
