import { OciError } from './errors.js';
import { BLOCK, META_LIMIT, type RawHeader } from './tar-header.js';
import { parseDecimal, parseNumber } from './tar-numbers.js';
import type { PaxRecords } from './tar-pax.js';

/*
 * Files with holes (GNU tar's manual, "Storing Sparse Files"): the archive has
 * the pieces that are not, and a map of where these belong. Of old the map stands
 * in the header and in blocks after it (type S); in PAX it is a record (0.0 and
 * 0.1), or the first blocks of the content (1.0).
 */

/** Bytes of the file that the archive has. */
export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

/** The next bytes of a file: so many zeros that the archive does not have, then so many bytes of it. */
export interface Run {
  readonly hole: number;
  readonly data: number;
}

function damaged(): OciError {
  return new OciError('malformed', "the map of the sparse file's pieces is damaged");
}

function number(text: string | undefined): number {
  const value = parseDecimal(text ?? '');
  if (value === undefined) throw damaged();
  return value;
}

function piecesOf(numbers: readonly string[]): readonly SparsePiece[] {
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    offset: number(numbers[2 * at]),
    length: number(numbers[2 * at + 1]),
  }));
}

/** What makes a file of this size, of which the archive has `stored` bytes. */
export function runsOf(
  pieces: readonly SparsePiece[],
  size: number,
  stored: number,
): readonly Run[] {
  const runs: Run[] = [];
  let at = 0;
  let least = 0;
  let data = 0;
  for (const { offset, length } of pieces) {
    const isInOrder = length >= 0 && offset >= least && offset + length <= size;
    if (!isInOrder) throw damaged();
    least = offset + length;
    if (length === 0) continue;
    runs.push({ hole: offset - at, data: length });
    at = least;
    data += length;
  }
  if (data !== stored || size < 0) throw damaged();
  return [...runs, { hole: size - at, data: 0 }];
}

/** Takes the blocks of a map one after the other; the pieces when it is complete. */
export type MapReader = (block: Buffer) => readonly SparsePiece[] | undefined;

const MAP_BLOCKS = META_LIMIT / BLOCK;

function tooLong(): OciError {
  return new OciError('too-large', "the map of the sparse file's pieces is too long");
}

/** The map of type S: four pieces in the header, 21 in each block behind it. */
export function oldMapReader(): MapReader {
  const pieces: SparsePiece[] = [];
  let blocks = 0;
  return (block) => {
    const [from, places] = blocks === 0 ? [386, 4] : [0, 21];
    blocks++;
    if (blocks > MAP_BLOCKS) throw tooLong();
    const end = from + places * 24;
    const part = (where: number) => parseNumber(block, where, 12, "sparse file's map");
    for (let at = from; at < end && block[at] !== 0; at += 24) {
      pieces.push({ offset: part(at), length: part(at + 12) });
    }
    return block[end] === 0 ? pieces : undefined;
  };
}

/** A sparse file of PAX: its name and size, where they are given, and its map or that this follows. */
interface PaxSparse {
  readonly path: string | undefined;
  readonly size: number | undefined;
  readonly pieces: readonly SparsePiece[] | 'follow';
}

/** Undefined where the records are about no sparse file, or one of a version that is not known. */
export function paxSparse(records: PaxRecords): PaxSparse | undefined {
  const given = (key: string) => records.get(`GNU.sparse.${key}`) || undefined;
  const version = [given('major'), given('minor')].join('.');
  const map = given('map');
  const isKnown = /^(0\.[01]|1\.0)$/.test(version) || (version === '.' && map !== undefined);
  if (!isKnown) return undefined;
  const size = given('size') ?? given('realsize');
  return {
    path: given('name'),
    size: size === undefined ? undefined : number(size),
    pieces: version === '1.0' ? 'follow' : mapOf(given('numblocks'), map),
  };
}

function mapOf(count: string | undefined, map: string | undefined): readonly SparsePiece[] {
  const numbers = map === undefined ? [] : map.split(',');
  if (numbers.length !== 2 * number(count)) throw damaged();
  return piecesOf(numbers);
}

/** The map in front of the content: lines of decimal numbers, the first being how many pieces there are. */
export function mapReader(): MapReader {
  const blocks: string[] = [];
  let lines = 0;
  let expected = 1;
  return (block) => {
    if (blocks.length === MAP_BLOCKS) throw tooLong();
    const text = block.toString('latin1');
    blocks.push(text);
    lines += text.split('\n').length - 1;
    if (lines > 0 && expected === 1) expected += 2 * number(blocks.join('').split('\n', 1)[0]);
    if (expected < 1) throw damaged();
    return lines < expected ? undefined : piecesOf(blocks.join('').split('\n').slice(1, expected));
  };
}

/** The size that a header of type S gives its file. */
export function oldSize({ isGnu }: RawHeader, block: Buffer): number {
  if (!isGnu) throw damaged();
  return parseNumber(block, 483, 12, 'size');
}
