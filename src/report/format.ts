/** Bytes in decimal units, as registries bill and show them: `12.4 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A change of size with its sign: `+1.2 MB`, `−310 B`, `same size`. */
export function change(before: number, now: number): string {
  if (before === now) return 'same size';
  return `${now > before ? '+' : '−'}${bytes(Math.abs(now - before))}`;
}

/** Milliseconds as people say them: `0.4s`, `58s`, `1m 58s`, `2h 05m`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)}s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

/** A digest for eyes: the algorithm and the first eight digits. */
export function short(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm}:${hex.slice(0, 8)}…`;
}

/** `1 test`, `4 tests`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** A control character as bash has it between `$'` and `'`. */
function escapeOf(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  // Three octal digits are one byte, which beyond ASCII is no character.
  if (code > 0x7f) return `\\u${code.toString(16).padStart(4, '0')}`;
  return ESCAPES.get(sign) ?? `\\${code.toString(8).padStart(3, '0')}`;
}

/** An argument that a POSIX shell takes as one word. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  // In a line that is shown as one, also what would end it is written out.
  if (!/\p{Cc}/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const quoted = text.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, escapeOf);
  return `$'${quoted}'`;
}
