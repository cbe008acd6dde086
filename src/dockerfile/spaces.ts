/** White space as Go has it (unicode.IsSpace), for a class of a pattern. */
export const SPACE =
  '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const FIRST = new RegExp(`^[${SPACE}]+`);
const ONE = new RegExp(`^[${SPACE}]$`);

export function isSpace(sign: string): boolean {
  return ONE.test(sign);
}

export function trimStart(text: string): string {
  return text.replace(FIRST, '');
}

/** Without signs at its end. A pattern would begin anew at each such sign within the text. */
export function trimEndOf(text: string, isOne: (sign: string) => boolean): string {
  let end = text.length;
  while (end > 0 && isOne(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Without white space at its ends, as Go's strings.TrimSpace leaves it. */
export function trimSpace(text: string): string {
  return trimEndOf(trimStart(text), isSpace);
}
