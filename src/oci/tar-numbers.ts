import { OciError } from './errors.js';

const SPACE = 32;
const LARGEST = 2n ** 63n - 1n;

const isBlank = (byte: number | undefined) => byte === 0 || byte === SPACE;

/** Octal digits between spaces and NULs, nothing behind a NUL; none are 0. */
export function parseOctal(block: Buffer, from: number, length: number, what: string): number {
  let at = from;
  let end = from + length;
  while (at < end && isBlank(block[at])) at++;
  while (end > at && isBlank(block[end - 1])) end--;
  let value = 0;
  for (; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0) break;
    if (byte < 48 || byte > 55) throw new OciError('malformed', `the ${what} is not a number`);
    value = value * 8 + byte - 48;
  }
  return value;
}

/** Base 256 in two's complement, its first bit being the mark (GNU). */
function parseBinary(block: Buffer, from: number, length: number, what: string): number {
  const bytes = block.toString('hex', from, from + length);
  const value = BigInt.asIntN(length * 8 - 1, BigInt(`0x${bytes}`));
  if (value > LARGEST || value < -LARGEST - 1n) {
    throw new OciError('malformed', `the ${what} is too large`);
  }
  return Number(value);
}

/** A number of a header's field; beyond 2⁵³ not to the unit, beyond 2⁶³ refused. */
export function parseNumber(block: Buffer, from: number, length: number, what: string): number {
  const isBinary = ((block[from] ?? 0) & 0x80) !== 0;
  return (isBinary ? parseBinary : parseOctal)(block, from, length, what);
}

/** Decimal digits with or without a sign, in 64 bits; undefined for anything else. */
export function parseDecimal(text: string): number | undefined {
  if (!/^[+-]?0*\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value > LARGEST || value < -LARGEST - 1n ? undefined : Number(value);
}
