import { createHash } from 'node:crypto';
import { createTarReader, OciError } from '../oci/index.js';
import { type Decompressor, decompressor, MAGIC, sniffCompression } from './decompress.js';
import { normalisePath } from './path.js';

/** Where reading files out of a layer stops; all in bytes. */
interface FileLimits {
  readonly unpacked: number;
  /** Larger files are left out. */
  readonly file: number;
}

/** Files of a layer by their normal paths, and the layer's DiffID; or a clause about what is wrong. */
type ReadFiles =
  | { readonly diffId: string; readonly files: ReadonlyMap<string, Buffer> }
  | { readonly fault: string };

interface FileReader {
  /** A promise where unpacking is behind; wait for it before the next call. Never throws. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Never rejects. */
  end(): Promise<ReadFiles>;
  /** Gives up: nothing more is unpacked. */
  stop(): void;
}

const ENTRIES = 1_000_000;

/** Reads some files out of a layer as it is stored, in one pass; the last of a path counts. */
export function createFileReader(
  wanted: (path: string) => boolean,
  limits: FileLimits,
): FileReader {
  const hash = createHash('sha256');
  const files = new Map<string, Buffer>();
  let fault: string | undefined;
  let unpacked = 0;
  let start: Buffer = Buffer.alloc(0);
  let inflate: Decompressor | undefined;
  let current: { readonly path: string; readonly pieces: Buffer[] } | undefined;

  const tar = createTarReader(
    {
      entry({ path, kind, size }) {
        const normal = normalisePath(path);
        const takes = kind === 'file' && size <= limits.file && normal !== undefined;
        current = takes && wanted(normal) ? { path: normal, pieces: [] } : undefined;
      },
      // The reader's memory is its own again after this call.
      data: (piece) => void current?.pieces.push(Buffer.from(piece)),
      end() {
        if (current !== undefined) files.set(current.path, Buffer.concat(current.pieces));
        current = undefined;
      },
    },
    ENTRIES,
  );
  const guarded = (step: () => void) => {
    if (fault !== undefined) return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof OciError)) throw error;
      fault = error.message;
    }
  };
  const take = (piece: Buffer) => {
    unpacked += piece.length;
    hash.update(piece);
    guarded(() => tar.write(piece));
    if (unpacked <= limits.unpacked) return;
    fault ??= `it unpacks to more than ${limits.unpacked} bytes`;
    inflate?.stop();
  };
  const begin = (bytes: Buffer) => {
    inflate = decompressor(sniffCompression(bytes), take);
    return inflate.write(bytes);
  };
  return {
    write(chunk) {
      if (fault !== undefined) return undefined;
      if (inflate !== undefined) return inflate.write(chunk);
      start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      return start.length < MAGIC ? undefined : begin(start);
    },
    async end() {
      if (inflate === undefined) await begin(start);
      const failed = fault === undefined ? await inflate?.end() : undefined;
      if (failed !== undefined) fault ??= failed.message;
      guarded(() => tar.end());
      if (fault !== undefined) return { fault };
      return { diffId: `sha256:${hash.digest('hex')}`, files };
    },
    stop: () => inflate?.stop(),
  };
}
