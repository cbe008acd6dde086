import { createHash } from 'node:crypto';
import { createTarReader, OciError, type TarHeader } from '../oci/index.js';
import { type Decompressor, decompressor, MAGIC, sniffCompression } from './decompress.js';
import type { LayerEntry, LayerFacts } from './facts.js';
import { GIT_CONFIG_LIMIT, gitCredentials, isGitConfig } from './git-config.js';
import { normalisePath } from './path.js';
import { createProgramReader } from './program-reader.js';
import { unpack } from './unpack.js';

/** Takes a layer's bytes as they are stored, in pieces. */
interface Scanner {
  /** A promise where inflating is behind; wait for it before the next call. Never throws. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Never rejects: what is wrong with the layer stands in `problems`. */
  end(): Promise<LayerFacts>;
}

/** Where a scan stops, so that no layer can exhaust this machine. */
export interface ScanLimits {
  /** Entries of one layer; what comes after them is not listed. */
  readonly entries: number;
  /** Uncompressed bytes per compressed one, judged above `inflatedMinimum` bytes only. */
  readonly ratio: number;
  readonly inflatedMinimum: number;
  /** Bytes of a layer's sparse files that are holes. */
  readonly holes: number;
}

const GIB = 1024 ** 3;

/**
 * A layer of real files stays below 20:1, zeros reach 1028:1 in gzip and more in
 * zstd. A scan writes nothing and takes some 4 s for a GiB: up to 32 of them,
 * zeros that an image means to have are no attack.
 */
export const scanLimits: ScanLimits = {
  entries: 1_000_000,
  ratio: 200,
  inflatedMinimum: 32 * GIB,
  holes: GIB,
};

const ZEROS = Buffer.alloc(64 * 1024);

const PROBLEMS = 20;
/** Files with an x bit that are no programs and whose first bytes are kept, in one layer. */
const BEGINNINGS = 100_000;
/** Configurations of git that are looked into, in one layer. */
const CONFIGS = 1000;

/** Holds the text of the files that may have credentials, one after the other. */
function createConfigReader() {
  let pieces: Buffer[] | undefined;
  let left = CONFIGS;
  return {
    begin({ path, size }: TarHeader) {
      const isSmall = left > 0 && size <= GIT_CONFIG_LIMIT;
      const wanted = isSmall && isGitConfig(normalisePath(path) ?? '');
      pieces = wanted ? [] : undefined;
      if (wanted) left--;
    },
    push(piece: Buffer) {
      // The reader's memory is its own again after this call.
      pieces?.push(Buffer.from(piece));
    },
    end(): readonly string[] {
      return pieces === undefined ? [] : gitCredentials(Buffer.concat(pieces).toString('utf8'));
    },
  };
}

/** Entries of an uncompressed tar stream, and what is wrong with it. */
function createEntryReader(limits: ScanLimits, problems: string[]) {
  const entries: LayerEntry[] = [];
  const programs = createProgramReader();
  const configs = createConfigReader();
  let current: TarHeader | undefined;
  let looking = false;
  let broken = false;
  let holes = 0;
  let beginnings = 0;

  const tell = (problem: string) => {
    if (problems.length < PROBLEMS) problems.push(problem);
  };

  const beginningOf = ({ mode }: TarHeader): string | undefined => {
    if ((mode & 0o111) === 0 || beginnings === BEGINNINGS) return undefined;
    beginnings++;
    return programs.beginning();
  };

  const keep = (header: TarHeader, path: string, link: string | undefined) => {
    const { kind, mode, uid, gid, size } = header;
    const program = looking ? programs.end() : undefined;
    const begins = looking && program === undefined ? beginningOf(header) : undefined;
    const credentials = looking ? configs.end() : [];
    entries.push({
      path,
      kind,
      mode,
      uid,
      gid,
      size,
      ...(link === undefined ? {} : { link }),
      ...(program === undefined ? {} : { program }),
      ...(begins === undefined ? {} : { begins }),
      ...(credentials.length === 0 ? {} : { credentials }),
    });
  };

  const finish = () => {
    if (current === undefined) return;
    const path = normalisePath(current.path);
    const isHard = current.kind === 'hardlink';
    const link = isHard ? normalisePath(current.link ?? '') : current.link;
    if (path === undefined) tell(`the entry "${current.path.slice(0, 200)}" lies outside the root`);
    else if (current.mark !== undefined) {
      tell(
        `engines on overlayfs show something else: "${path}" has ${current.mark}, which is a mark of overlayfs itself`,
      );
    } else if (current.kind === 'other') {
      tell(
        `engines reject it, or treat it differently: "${path}" has the type ${JSON.stringify(current.type)}`,
      );
    } else if (isHard && link === undefined) tell(`the hard link "${path}" leads outside the root`);
    else keep(current, path, link);
    current = undefined;
  };

  const data = (piece: Buffer) => {
    if (!looking) return;
    programs.push(piece);
    configs.push(piece);
  };

  const hole = (bytes: number) => {
    if (!looking) return;
    holes += bytes;
    if (holes > limits.holes) {
      throw new OciError('too-large', `its files have more than ${limits.holes} bytes of holes`);
    }
    for (let left = bytes; left > 0; left -= ZEROS.length) {
      data(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
    }
  };

  const reader = createTarReader(
    {
      entry(header) {
        current = header;
        looking = header.kind === 'file';
        if (!looking) return;
        programs.begin(header.size);
        configs.begin(header);
      },
      data,
      hole,
      end: finish,
    },
    limits.entries,
  );

  /** A damaged archive ends the listing; its bytes are still hashed. */
  const guarded = (step: () => void) => {
    if (broken) return;
    try {
      step();
    } catch (error) {
      broken = true;
      tell((error as OciError).message);
    }
  };
  return {
    entries,
    write: (piece: Buffer) => guarded(() => reader.write(piece)),
    end() {
      guarded(() => reader.end());
      for (const problem of unpack(entries).problems) tell(problem);
    },
  };
}

/**
 * Reads a layer in one pass: compression by its magic bytes, diff id, entries,
 * and what its programs are. It keeps no file's bytes and writes nothing.
 */
export function createScanner(limits: ScanLimits = scanLimits): Scanner {
  const problems: string[] = [];
  const hash = createHash('sha256');
  const reader = createEntryReader(limits, problems);
  let start: Buffer = Buffer.alloc(0);
  let stored = 0;
  let uncompressedSize = 0;
  let whole = true;
  let compression: LayerFacts['compression'] = 'none';
  let inflate: Decompressor | undefined;

  const take = (piece: Buffer) => {
    uncompressedSize += piece.length;
    hash.update(piece);
    reader.write(piece);
    const tooMuch = uncompressedSize > Math.max(limits.inflatedMinimum, stored * limits.ratio);
    if (compression === 'none' || !tooMuch) return;
    whole = false;
    problems.push(
      `the layer has ${stored} bytes and unpacks to more than ${limits.ratio} times as many, and to more than ${limits.inflatedMinimum}`,
    );
    inflate?.stop();
  };

  const begin = (bytes: Buffer): Promise<void> | undefined => {
    compression = sniffCompression(bytes);
    inflate = decompressor(compression, take);
    return inflate.write(bytes);
  };

  return {
    write(chunk) {
      stored += chunk.length;
      if (inflate !== undefined) return inflate.write(chunk);
      start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      return start.length < MAGIC ? undefined : begin(start);
    },
    async end() {
      if (inflate === undefined) await begin(start);
      const failed = whole ? await inflate?.end() : undefined;
      if (whole && failed !== undefined) {
        whole = false;
        problems.push(`the ${compression} stream is damaged: ${failed.message}`);
      }
      if (whole) reader.end();
      return {
        compression,
        ...(whole ? { diffId: `sha256:${hash.digest('hex')}` } : {}),
        uncompressedSize,
        entries: reader.entries,
        problems,
      };
    },
  };
}
