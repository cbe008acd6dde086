/*
 * docker and buildx read many of their options as a line of CSV (RFC 4180, by Go's
 * encoding/csv).
 */

/** A field in quotes. */
export function quotedField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A field, in quotes where it needs them. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? quotedField(text) : text;
}
