import { OciError } from './errors.js';
import {
  BLOCK,
  hasContent,
  isZero,
  kindOf,
  META_LIMIT,
  parseHeader,
  type RawHeader,
  type TarHeader,
  typeOf,
} from './tar-header.js';
import { checkTimes, overlayAttribute, type PaxRecords, parsePax, paxNumber } from './tar-pax.js';
import {
  type MapReader,
  mapReader,
  oldMapReader,
  oldSize,
  paxSparse,
  type Run,
  runsOf,
  type SparsePiece,
} from './tar-sparse.js';
import { cString } from './tar-text.js';

/** What a reader tells, in order: an entry, its bytes in pieces, its end. Pieces are views: copy what stays. */
interface TarHandler {
  entry(header: TarHeader): void;
  data(piece: Buffer): void;
  /** So many zeros that the archive does not have: a hole of a sparse file. */
  hole?(bytes: number): void;
  end(): void;
}

interface TarReader {
  /** Takes the next bytes. Throws an OciError with the offset; nothing more may come after it. */
  write(chunk: Buffer): void;
  /** Says that no more comes. Throws an OciError where an entry is cut off. */
  end(): void;
}

const ENTRIES = 1_000_000;

const NO_RECORDS: PaxRecords = new Map();

/** What long names, long links and extended headers say about the entry after them. */
interface Pending {
  readonly offset: number;
  pax?: PaxRecords;
  longName?: string;
  longLink?: string;
}

/** What overlayfs takes for its own: an attribute, or the device that stands for a whiteout. */
function markOf(raw: RawHeader, pax: PaxRecords): { readonly mark?: string } {
  const attribute = overlayAttribute(pax);
  if (attribute !== undefined) return { mark: `the attribute "${attribute}"` };
  return raw.type === '3' && raw.isZeroDevice ? { mark: 'the device 0/0' } : {};
}

/** The header that all of this makes; its size is what follows in the archive. */
function resolve(raw: RawHeader, pending: Pending): TarHeader {
  const pax = pending.pax ?? NO_RECORDS;
  checkTimes(pax);
  const path = pending.longName || pax.get('path') || raw.path;
  const link = pending.longLink || pax.get('linkpath') || raw.link;
  const type = typeOf(raw.type, path);
  const kind = kindOf(type);
  const size = paxNumber(pax, 'size') ?? raw.size;
  const stored = hasContent(type) ? size : 0;
  if (stored < 0) throw new OciError('malformed', 'the size is negative');
  if (!Number.isSafeInteger(stored)) throw new OciError('malformed', 'the size is too large');
  return {
    path,
    type,
    kind,
    mode: raw.mode,
    uid: paxNumber(pax, 'uid') ?? raw.uid,
    gid: paxNumber(pax, 'gid') ?? raw.gid,
    size: stored,
    ...(kind === 'symlink' || kind === 'hardlink' ? { link } : {}),
    ...markOf(raw, pax),
    offset: pending.offset,
  };
}

function readMeta(type: string, bytes: Buffer, pending: Pending): void {
  if (type === 'x' || type === 'g') pending.pax = parsePax(bytes);
  else if (type === 'L') pending.longName = cString(bytes);
  else pending.longLink = cString(bytes);
}

/** Runs a step and adds where it happened to what it throws. */
function at<T>(offset: number, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof OciError) || error.offset !== undefined) throw error;
    const message = `the tar archive is damaged at byte ${offset}: ${error.message}`;
    throw new OciError(error.code, message, { offset, cause: error });
  }
}

/**
 * A push parser of tar archives that sees what Go's archive/tar sees, which
 * engines unpack with: ustar, star, GNU and PAX, files with holes. What that
 * refuses is refused, and so are archives of more entries than `entries`. It
 * holds no more than a block, one meta entry of at most 1 MiB, or a map of holes
 * of that length. What follows the two zero blocks at the end is ignored; the
 * blocks themselves may be missing, but an entry after a single one is refused.
 */
export function createTarReader(handler: TarHandler, entries = ENTRIES): TarReader {
  const block = Buffer.allocUnsafe(BLOCK);
  let filled = 0;
  let state: 'header' | 'map' | 'meta' | 'data' | 'padding' | 'ended' = 'header';
  let zeros = 0;
  /** Bytes of the archive that are left of the entry, and of its run. */
  let left = 0;
  let run = 0;
  let runs: Iterator<Run> = [].values();
  let padding = 0;
  let position = 0;
  let count = 0;
  let meta: { type: string; pieces: Buffer[] } | undefined;
  let pending: Pending | undefined;
  /** An entry whose map of holes is being read, and whether that is a part of its content. */
  let sparse: { header: TarHeader; isInside: boolean; read: MapReader } | undefined;

  const pad = (size: number) => {
    padding = (BLOCK - (size % BLOCK)) % BLOCK;
  };

  const startMeta = (type: string, size: number) => {
    if (size > META_LIMIT) {
      throw new OciError('too-large', `a meta entry has ${size} bytes, more than 1 MiB`);
    }
    meta = { type, pieces: [] };
    left = size;
    pad(size);
    state = 'meta';
    if (left === 0) finish();
  };

  /** Goes to the next bytes that the archive has of the entry; what lies before them is zeros. */
  const nextRun = () => {
    const { hole = 0, data = 0 } = runs.next().value ?? {};
    run = data;
    if (hole > 0) handler.hole?.(hole);
  };

  const begin = (header: TarHeader, stored: number, map: readonly Run[]) => {
    count++;
    if (count > entries) throw new OciError('too-large', `there are more than ${entries} entries`);
    left = stored;
    runs = map.values();
    state = 'data';
    handler.entry(header);
    nextRun();
    if (left === 0) finish();
  };

  const beginSparse = (header: TarHeader, pieces: readonly SparsePiece[], stored: number) => {
    begin(header, stored, runsOf(pieces, header.size, stored));
  };

  const readMap = (bytes: Buffer) => {
    if (sparse === undefined) return;
    const { header, isInside, read } = sparse;
    if (isInside) left -= BLOCK;
    if (left < 0) throw new OciError('malformed', "the map of the sparse file's pieces is cut off");
    const pieces = read(bytes);
    if (pieces === undefined) return;
    sparse = undefined;
    beginSparse(header, pieces, left);
  };

  const startEntry = (raw: RawHeader, bytes: Buffer, offset: number) => {
    const said = pending ?? { offset };
    pending = undefined;
    const header = resolve(raw, said);
    const stored = header.size;
    pad(stored);
    left = stored;
    state = 'map';
    if (header.type === 'S') {
      const size = oldSize(raw, bytes);
      sparse = { header: { ...header, size }, isInside: false, read: oldMapReader() };
      return readMap(bytes);
    }
    const holes = said.pax === undefined ? undefined : paxSparse(said.pax);
    if (holes === undefined) return begin(header, stored, [{ hole: 0, data: stored }]);
    if (!hasContent(header.type)) throw new OciError('malformed', 'the sparse entry is not a file');
    const { path = header.path, size = header.size, pieces } = holes;
    const whole = { ...header, path, size };
    if (pieces === 'follow') sparse = { header: whole, isInside: true, read: mapReader() };
    else beginSparse(whole, pieces, stored);
  };

  const readHeader = (bytes: Buffer, offset: number) => {
    if (isZero(bytes)) {
      zeros++;
      if (zeros === 2) state = 'ended';
      return;
    }
    if (zeros > 0) throw new OciError('malformed', 'an entry follows a single zero block');
    const raw = parseHeader(bytes);
    if (raw.size < 0 && hasContent(raw.type)) {
      throw new OciError('malformed', 'the size is negative');
    }
    if (!'xgLK'.includes(raw.type)) return startEntry(raw, bytes, offset);
    pending ??= { offset };
    startMeta(raw.type, raw.size);
  };

  /** The bytes of an entry or a meta entry are complete. */
  const finish = () => {
    state = padding > 0 ? 'padding' : 'header';
    if (meta !== undefined) {
      const { type, pieces } = meta;
      meta = undefined;
      if (pending !== undefined) readMeta(type, Buffer.concat(pieces), pending);
      // To engines a global header is an entry that they pass over, so what stood before it is not about the next one.
      if (type === 'g') pending = undefined;
      return;
    }
    nextRun();
    handler.end();
  };

  const takeWhole = (bytes: Buffer, offset: number) => {
    if (state === 'header') readHeader(bytes, offset);
    else readMap(bytes);
  };

  const takeBlock = (chunk: Buffer, from: number): number => {
    if (filled === 0 && chunk.length - from >= BLOCK) {
      at(position, () => takeWhole(chunk.subarray(from, from + BLOCK), position));
      return BLOCK;
    }
    const taken = chunk.copy(block, filled, from, Math.min(chunk.length, from + BLOCK - filled));
    filled += taken;
    if (filled === BLOCK) {
      const start = position + taken - BLOCK;
      filled = 0;
      at(start, () => takeWhole(block, start));
    }
    return taken;
  };

  const takeData = (chunk: Buffer, from: number): number => {
    const wanted = meta === undefined ? run : left;
    const taken = Math.min(wanted, chunk.length - from);
    const piece = chunk.subarray(from, from + taken);
    left -= taken;
    if (meta === undefined) {
      handler.data(piece);
      run -= taken;
      if (run === 0 && left > 0) at(position, nextRun);
    } else meta.pieces.push(Buffer.from(piece));
    if (left === 0) at(pending?.offset ?? position, finish);
    return taken;
  };

  const takePadding = (chunk: Buffer, from: number): number => {
    const taken = Math.min(padding, chunk.length - from);
    padding -= taken;
    if (padding === 0) state = 'header';
    return taken;
  };

  return {
    write(chunk) {
      let from = 0;
      while (from < chunk.length && state !== 'ended') {
        let taken: number;
        if (state === 'padding') taken = takePadding(chunk, from);
        else if (state === 'data' || state === 'meta') taken = takeData(chunk, from);
        else taken = takeBlock(chunk, from);
        from += taken;
        position += taken;
      }
    },
    end() {
      // Many writers leave the last padding out, and engines take what stands before nothing for nothing.
      if (state === 'ended' || state === 'padding' || (state === 'header' && filled === 0)) return;
      const missing =
        state === 'data' || state === 'meta' ? `${left} bytes are missing` : 'a header is cut off';
      throw new OciError('truncated', `the tar archive ends at byte ${position}: ${missing}`, {
        offset: position,
      });
    },
  };
}
