import { OciError } from './errors.js';
import { parseDecimal } from './tar-numbers.js';
import { decodeName } from './tar-text.js';

/** What the records of a PAX extended header say; an empty value says nothing. */
export type PaxRecords = ReadonlyMap<string, string>;

const SPACE = 32;
const EQUALS = 61;
const NEWLINE = 10;
const TEXTS = new Set(['path', 'linkpath', 'uname', 'gname']);

const OFFSET = 'GNU.sparse.offset';
const BYTES = 'GNU.sparse.numbytes';

interface Record {
  readonly key: string;
  readonly value: string;
  readonly end: number;
}

/** `length SP key = value LF`, the length counting all of it. */
function recordAt(bytes: Buffer, at: number): Record | undefined {
  const space = bytes.indexOf(SPACE, at);
  if (space === -1) return undefined;
  const length = parseDecimal(bytes.toString('latin1', at, space)) ?? 0;
  const end = at + length;
  if (length < 5 || end > bytes.length || end <= space + 1) return undefined;
  const equals = bytes.indexOf(EQUALS, space);
  if (bytes[end - 1] !== NEWLINE || equals === -1 || equals >= end) return undefined;
  const key = decodeName(bytes.subarray(space + 1, equals));
  const value = decodeName(bytes.subarray(equals + 1, end - 1));
  const isClean = !(TEXTS.has(key) ? value : key).includes('\0');
  return key !== '' && isClean ? { key, value, end } : undefined;
}

/**
 * All records, the last of a key being the one that holds. The list of a sparse
 * file's pieces (GNU, 0.0) becomes the one record that 0.1 has for it.
 */
export function parsePax(bytes: Buffer): PaxRecords {
  const records = new Map<string, string>();
  const sparse: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const record = recordAt(bytes, at);
    if (record === undefined) {
      throw new OciError('malformed', 'a record of the extended header is damaged');
    }
    const { key, value } = record;
    at = record.end;
    if (key !== OFFSET && key !== BYTES) records.set(key, value);
    else if (key === (sparse.length % 2 === 0 ? OFFSET : BYTES) && !value.includes(',')) {
      sparse.push(value);
    } else throw new OciError('malformed', `the extended header's "${key}" is out of place`);
  }
  if (sparse.length > 0) records.set('GNU.sparse.map', sparse.join(','));
  return records;
}

function refused(key: string): never {
  throw new OciError('malformed', `the extended header's "${key}" is not a number`);
}

/** A number of a record; undefined where there is none. */
export function paxNumber(records: PaxRecords, key: string): number | undefined {
  const value = records.get(key);
  if (value === undefined || value === '') return undefined;
  return parseDecimal(value) ?? refused(key);
}

/** Times are read by no one here, and refused by engines where they are none. */
export function checkTimes(records: PaxRecords): void {
  if (records.size === 0) return;
  for (const key of ['atime', 'mtime', 'ctime']) {
    const [, seconds = ''] = /^([^.]*)(?:\.\d*)?$/.exec(records.get(key) || '0') ?? [];
    if (parseDecimal(seconds) === undefined) refused(key);
  }
}

/** Attributes of files by which overlayfs hides, moves or replaces what lies below them (kernel, overlayfs.rst). */
const OVERLAY =
  /^SCHILY\.xattr\.((?:trusted|user)\.(?:overlay\.)+(?:opaque|redirect|metacopy|x?whiteouts?))$/;

/** The name of such an attribute, which engines set as the header says it. */
export function overlayAttribute(records: PaxRecords): string | undefined {
  for (const key of records.keys()) {
    const [, name] = OVERLAY.exec(key) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}
