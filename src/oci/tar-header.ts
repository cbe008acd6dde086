import { OciError } from './errors.js';

export const BLOCK = 512;

/** What an entry of a tar archive is; `other` is whatever else its type flag says. */
export type EntryKind =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hardlink'
  | 'character'
  | 'block'
  | 'fifo'
  | 'other';

/** An entry of a tar archive. `size` is what follows in the archive, in bytes. */
export interface TarHeader {
  readonly path: string;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Target of a link as written. */
  readonly link?: string;
  /** Where the entry's first header begins in the archive. */
  readonly offset: number;
}

/*
 * POSIX 1003.1 ustar: name 0+100, mode 100+8, uid 108+8, gid 116+8, size 124+12,
 * mtime 136+12, checksum 148+8, type 156, link 157+100, magic 257+6, version
 * 263+2, …, prefix 345+155. GNU's magic is `ustar  \0`; it has no prefix.
 */
const SPACE = 32;

/** A NUL-terminated text of UTF-8. */
function text(block: Buffer, from: number, length: number): string {
  const end = block.indexOf(0, from);
  return block.toString('utf8', from, end === -1 || end > from + length ? from + length : end);
}

/**
 * A number in octal digits, or in base 256 where the first bit is set (GNU).
 * Negative and unsafe numbers are refused.
 */
function parseNumber(block: Buffer, from: number, length: number, what: string): number {
  const first = block[from] ?? 0;
  let value = 0;
  if (first & 0x80) {
    if (first & 0x40) throw new OciError('malformed', `the ${what} is negative`);
    value = first & 0x3f;
    for (let at = from + 1; at < from + length; at++) value = value * 256 + (block[at] ?? 0);
  } else {
    let at = from;
    const end = from + length;
    while (at < end && block[at] === SPACE) at++;
    for (; at < end; at++) {
      const byte = block[at] ?? 0;
      if (byte === 0 || byte === SPACE) break;
      if (byte < 48 || byte > 55) {
        throw new OciError('malformed', `the ${what} is not a number`);
      }
      value = value * 8 + byte - 48;
    }
  }
  if (!Number.isSafeInteger(value)) throw new OciError('malformed', `the ${what} is too large`);
  return value;
}

function verifyChecksum(block: Buffer): void {
  let unsigned = 8 * SPACE;
  let signed = 8 * SPACE;
  for (let at = 0; at < BLOCK; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const written = parseNumber(block, 148, 8, 'checksum');
  // Some old programs summed signed bytes; readers take both.
  if (written !== unsigned && written !== signed) {
    throw new OciError(
      'malformed',
      `the header's checksum is ${written}, its bytes sum to ${unsigned}`,
    );
  }
}

export function isZero(block: Buffer): boolean {
  for (let at = 0; at < BLOCK; at++) if (block[at] !== 0) return false;
  return true;
}

/** A header block as it stands; `type` is the type flag's character. */
export interface RawHeader {
  readonly type: string;
  readonly path: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

function pathOf(block: Buffer): string {
  const name = text(block, 0, 100);
  const magic = block.toString('latin1', 257, 265);
  const prefix = magic === 'ustar\x0000' ? text(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Reads one block of 512 bytes. Throws an OciError without an offset. */
export function parseHeader(block: Buffer): RawHeader {
  verifyChecksum(block);
  return {
    type: String.fromCharCode(block[156] ?? 0),
    path: pathOf(block),
    link: text(block, 157, 100),
    mode: parseNumber(block, 100, 8, 'mode') & 0o7777,
    uid: parseNumber(block, 108, 8, 'user id'),
    gid: parseNumber(block, 116, 8, 'group id'),
    size: parseNumber(block, 124, 12, 'size'),
  };
}

const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['3', 'character'],
  ['4', 'block'],
  ['5', 'directory'],
  ['6', 'fifo'],
]);

/** The kind of an entry. Before ustar a directory was a file whose name ends with a slash. */
export function kindOf(type: string, path: string): EntryKind {
  const kind = KINDS.get(type) ?? 'other';
  return type === '\0' && path.endsWith('/') ? 'directory' : kind;
}

/** Records of a PAX extended header: `length SP key = value LF`, the length counting all of it. */
export function parsePax(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    const digits = space === -1 || space - at > 7 ? '' : bytes.toString('latin1', at, space);
    const end = /^[1-9]\d*$/.test(digits) ? at + Number(digits) : 0;
    const equals = bytes.indexOf(61, space);
    if (
      end <= space ||
      end > bytes.length ||
      bytes[end - 1] !== 10 ||
      equals === -1 ||
      equals >= end
    ) {
      throw new OciError('malformed', 'a record of the extended header is damaged');
    }
    const key = bytes.toString('utf8', space + 1, equals);
    const value = bytes.toString('utf8', equals + 1, end - 1);
    if ((key === 'path' || key === 'linkpath') && value.includes('\0')) {
      throw new OciError('malformed', `the extended header's "${key}" holds a NUL`);
    }
    if (key.startsWith('GNU.sparse.')) throw new OciError('unsupported', 'the entry is sparse');
    records.set(key, value);
    at = end;
  }
  return records;
}

/** A number of a PAX record; undefined where there is none. */
export function paxNumber(records: ReadonlyMap<string, string>, key: string): number | undefined {
  const value = records.get(key);
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new OciError('malformed', `the extended header's "${key}" is not a size`);
  }
  return number;
}
