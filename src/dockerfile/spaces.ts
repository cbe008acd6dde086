/** White space as Go has it (unicode.IsSpace), for a class of a pattern. */
export const SPACE =
  '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const FIRST = new RegExp(`^[${SPACE}]+`);
const LAST = new RegExp(`[${SPACE}]+$`);
const ONE = new RegExp(`^[${SPACE}]$`);

export function isSpace(sign: string): boolean {
  return ONE.test(sign);
}

export function trimStart(text: string): string {
  return text.replace(FIRST, '');
}

/** Without white space at its ends, as Go's strings.TrimSpace leaves it. */
export function trimSpace(text: string): string {
  return trimStart(text).replace(LAST, '');
}
