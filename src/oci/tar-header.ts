import { OciError } from './errors.js';
import { parseNumber, parseOctal } from './tar-numbers.js';
import { cString } from './tar-text.js';

export const BLOCK = 512;

/** Bytes that one meta entry has at most. */
export const META_LIMIT = 1024 * 1024;

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

/** An entry of a tar archive. */
export interface TarHeader {
  readonly path: string;
  /** The type flag's character; `0` or `5` where that is a NUL. */
  readonly type: string;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the content, holes included. */
  readonly size: number;
  /** Target of a link as written. */
  readonly link?: string;
  /** What overlayfs takes for a mark of its own: a file system made of layers then shows something else. */
  readonly mark?: string;
  /** Where the entry's first header begins in the archive. */
  readonly offset: number;
}

/*
 * POSIX 1003.1 ustar: name 0+100, mode 100+8, uid 108+8, gid 116+8, size 124+12,
 * mtime 136+12, checksum 148+8, type 156, link 157+100, magic 257+6, version
 * 263+2, …, devmajor 329+8, devminor 337+8, prefix 345+155. Schily's star ends
 * with `tar\0` and has a prefix of 131, then atime 476+12 and ctime 488+12. GNU's
 * magic and version are `ustar  \0`; it has atime 345+12 and ctime 357+12 there.
 */
const SPACE = 32;

type TarFormat = 'v7' | 'ustar' | 'star' | 'gnu';

function verifyChecksum(block: Buffer): void {
  let unsigned = 8 * SPACE;
  let signed = 8 * SPACE;
  for (let at = 0; at < BLOCK; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const written = parseOctal(block, 148, 8, 'checksum');
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
  /** May be negative where no content follows. */
  readonly size: number;
  readonly isGnu: boolean;
  /** Both numbers of a device are 0. */
  readonly isZeroDevice: boolean;
}

/** The version of ustar says nothing: readers that engines have do not look at it. */
function formatOf(block: Buffer): TarFormat {
  const magic = block.toString('latin1', 257, 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar\0')) return 'v7';
  return block.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
}

/**
 * GNU's headers have times where others have a prefix. Go wrote a prefix there
 * until 1.7: it is one where it cannot be two times and is ASCII.
 */
function prefixOfGnu(block: Buffer): string {
  try {
    for (const at of [345, 357]) if (block[at] !== 0) parseNumber(block, at, 12, 'time');
    return '';
  } catch {
    const prefix = cString(block, 345, 155);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
    return /^[\x01-\x7f]*$/.test(prefix) ? prefix : '';
  }
}

function prefixOf(block: Buffer, format: TarFormat): string {
  if (format === 'v7') return '';
  if (format === 'gnu') return prefixOfGnu(block);
  return cString(block, 345, format === 'star' ? 131 : 155);
}

/** Whether both numbers of a device are 0; a header before ustar has none. */
function isZeroDevice(block: Buffer, format: TarFormat): boolean {
  if (format === 'v7') return true;
  const [major, minor] = [329, 337].map((at) => parseNumber(block, at, 8, 'number of the device'));
  return major === 0 && minor === 0;
}

/** Numbers that say nothing here, and make a header none that an engine reads. */
function checkTimes(block: Buffer, format: TarFormat): void {
  parseNumber(block, 136, 12, 'time');
  if (format !== 'star') return;
  parseNumber(block, 476, 12, 'time');
  parseNumber(block, 488, 12, 'time');
}

/** Reads one block of 512 bytes. Throws an OciError without an offset. */
export function parseHeader(block: Buffer): RawHeader {
  verifyChecksum(block);
  const format = formatOf(block);
  checkTimes(block, format);
  const prefix = prefixOf(block, format);
  const name = cString(block, 0, 100);
  return {
    type: String.fromCharCode(block[156] ?? 0),
    path: prefix === '' ? name : `${prefix}/${name}`,
    link: cString(block, 157, 100),
    mode: parseNumber(block, 100, 8, 'mode') & 0o7777,
    uid: parseNumber(block, 108, 8, 'user id'),
    gid: parseNumber(block, 116, 8, 'group id'),
    size: parseNumber(block, 124, 12, 'size'),
    isGnu: format === 'gnu',
    isZeroDevice: isZeroDevice(block, format),
  };
}

const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ['0', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['3', 'character'],
  ['4', 'block'],
  ['5', 'directory'],
  ['6', 'fifo'],
]);

/** Before ustar a directory was a file whose name ends with a slash. */
export function typeOf(type: string, path: string): string {
  if (type !== '\0') return type;
  return path.endsWith('/') ? '5' : '0';
}

export function kindOf(type: string): EntryKind {
  return KINDS.get(type) ?? 'other';
}

/** Links, directories and devices have no bytes, whatever their size says. */
export function hasContent(type: string): boolean {
  return !/^[1-6]$/.test(type);
}
