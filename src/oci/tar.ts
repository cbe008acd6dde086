import { OciError } from './errors.js';
import {
  BLOCK,
  isZero,
  kindOf,
  parseHeader,
  parsePax,
  paxNumber,
  type RawHeader,
  type TarHeader,
} from './tar-header.js';

/** What a reader tells, in order: an entry, its bytes in pieces, its end. Pieces are views: copy what stays. */
interface TarHandler {
  entry(header: TarHeader): void;
  data(piece: Buffer): void;
  end(): void;
}

interface TarReader {
  /** Takes the next bytes. Throws an OciError with the offset; nothing more may come after it. */
  write(chunk: Buffer): void;
  /** Says that no more comes. Throws an OciError where an entry is cut off. */
  end(): void;
}

const META_LIMIT = 1024 * 1024;
const ENTRIES = 1_000_000;

/** What one long name, long link or extended header says about the entry after it. */
interface Pending {
  readonly offset: number;
  pax?: ReadonlyMap<string, string>;
  longName?: string;
  longLink?: string;
}

function resolve(raw: RawHeader, pending: Pending): TarHeader {
  const pax = pending.pax ?? new Map<string, string>();
  const path = pending.longName ?? (pax.get('path') || raw.path);
  const link = pending.longLink ?? (pax.get('linkpath') || raw.link);
  const kind = kindOf(raw.type, path);
  const size = paxNumber(pax, 'size') ?? raw.size;
  return {
    path,
    kind,
    mode: raw.mode,
    uid: paxNumber(pax, 'uid') ?? raw.uid,
    gid: paxNumber(pax, 'gid') ?? raw.gid,
    // Links, directories and devices have no bytes, whatever their size field says; as Go's reader.
    size: kind === 'file' || kind === 'other' ? size : 0,
    ...(kind === 'symlink' || kind === 'hardlink' ? { link } : {}),
    offset: pending.offset,
  };
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

function readMeta(type: string, bytes: Buffer, pending: Pending): void {
  if (type === 'x') pending.pax = parsePax(bytes);
  else if (type === 'L') pending.longName = cString(bytes);
  else if (type === 'K') pending.longLink = cString(bytes);
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
 * A push parser of tar archives: ustar, GNU long names and links, PAX extended
 * headers, sizes in base 256. It holds no more than one header, or one meta
 * entry of at most 1 MiB. Archives of more than a million headers, sparse
 * files, negative and unsafe sizes are refused. What follows the two zero
 * blocks at the end is ignored, as engines do; the blocks themselves may be
 * missing, but an entry after a single one is refused.
 */
export function createTarReader(handler: TarHandler, entries = ENTRIES): TarReader {
  const block = Buffer.allocUnsafe(BLOCK);
  let filled = 0;
  let state: 'header' | 'meta' | 'data' | 'padding' | 'ended' = 'header';
  let zeros = 0;
  let left = 0;
  let padding = 0;
  let position = 0;
  let headers = 0;
  let meta: { type: string; pieces: Buffer[] } | undefined;
  let pending: Pending | undefined;

  const startMeta = (type: string, size: number) => {
    if (size > META_LIMIT) {
      throw new OciError('too-large', `a meta entry has ${size} bytes, more than 1 MiB`);
    }
    meta = { type, pieces: [] };
    left = size;
    state = 'meta';
    if (left === 0) finish();
  };

  const startEntry = (raw: RawHeader, offset: number) => {
    const header = resolve(raw, pending ?? { offset });
    pending = undefined;
    left = header.size;
    padding = (BLOCK - (left % BLOCK)) % BLOCK;
    state = 'data';
    handler.entry(header);
    if (left === 0) finish();
  };

  const readHeader = (bytes: Buffer, offset: number) => {
    if (isZero(bytes)) {
      zeros++;
      if (zeros === 2) state = 'ended';
      return;
    }
    if (zeros > 0) throw new OciError('malformed', 'an entry follows a single zero block');
    const raw = parseHeader(bytes);
    headers++;
    if (headers > entries)
      throw new OciError('too-large', `there are more than ${entries} entries`);
    padding = (BLOCK - (raw.size % BLOCK)) % BLOCK;
    if ('xgLK'.includes(raw.type)) {
      // A global header says nothing about one entry; what it says is not needed.
      if (raw.type !== 'g') pending ??= { offset };
      startMeta(raw.type, raw.size);
    } else if (raw.type === 'S') throw new OciError('unsupported', 'the entry is sparse');
    else startEntry(raw, offset);
  };

  /** The bytes of an entry or a meta entry are complete. */
  const finish = () => {
    state = padding > 0 ? 'padding' : 'header';
    if (meta !== undefined) {
      const { type, pieces } = meta;
      meta = undefined;
      if (pending !== undefined) readMeta(type, Buffer.concat(pieces), pending);
    } else handler.end();
  };

  const takeHeader = (chunk: Buffer, from: number): number => {
    if (filled === 0 && chunk.length - from >= BLOCK) {
      at(position, () => readHeader(chunk.subarray(from, from + BLOCK), position));
      return BLOCK;
    }
    const taken = chunk.copy(block, filled, from, Math.min(chunk.length, from + BLOCK - filled));
    filled += taken;
    if (filled === BLOCK) {
      const start = position + taken - BLOCK;
      filled = 0;
      at(start, () => readHeader(block, start));
    }
    return taken;
  };

  const takeData = (chunk: Buffer, from: number): number => {
    const taken = Math.min(left, chunk.length - from);
    const piece = chunk.subarray(from, from + taken);
    left -= taken;
    if (meta === undefined) handler.data(piece);
    else meta.pieces.push(Buffer.from(piece));
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
        if (state === 'header') taken = takeHeader(chunk, from);
        else if (state === 'padding') taken = takePadding(chunk, from);
        else taken = takeData(chunk, from);
        from += taken;
        position += taken;
      }
    },
    end() {
      if (state === 'ended' || (state === 'header' && filled === 0 && pending === undefined))
        return;
      // Many writers leave the last padding out.
      if (state === 'padding' && pending === undefined) return;
      const missing =
        state === 'data' || state === 'meta' ? `${left} bytes are missing` : 'a header is cut off';
      throw new OciError('truncated', `the tar archive ends at byte ${position}: ${missing}`, {
        offset: position,
      });
    },
  };
}
