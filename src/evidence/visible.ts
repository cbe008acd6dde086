const UNSEEN = [
  // Control characters but the end of a line; format characters; halves of pairs.
  String.raw`[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]`,
  // What looks like a blank, and blanks and line ends that have nothing behind or before them.
  String.raw`[^\P{Zs} ]|^ +|(?<! ) +(?=\r*(?:\n|$))|^\n+|(?<!\n)\n+$`,
].join('|');

const ANY = new RegExp(UNSEEN, 'u');
const EACH = new RegExp(String.raw`${UNSEEN}|\\`, 'gu');

const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

function escaped(sign: string): string {
  const hex = (sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0');
  return NAMED[sign] ?? (hex.length === 2 ? `\\x${hex}` : `\\x{${hex}}`);
}

/**
 * What a pattern was held against, so that it can be seen: what a page or a terminal
 * shows as nothing, as a blank or in colours stands there as a pattern would have it,
 * `\r`, `\x1b[31m`, and `\x20` for a blank at the end of a line. The last line end,
 * which nearly every program writes, is left out, since no pattern fails for it.
 */
export function visible(text: string): string {
  const body = text.replace(/\n$/, '');
  if (!ANY.test(body)) return body;
  return body.replace(EACH, (found) => Array.from(found, escaped).join(''));
}
