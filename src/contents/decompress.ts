import { createGunzip, createZstdDecompress } from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that must be there before the compression can be told. */
export const MAGIC = 4;
const PIECE = 256 * 1024;

/** The compression of a stream by its first bytes, not by its media type. */
export function sniffCompression(start: Buffer): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  // RFC 8878: 0xfd2fb528 in little endian; 0x184d2a5? begins a skippable frame.
  if (start.length >= 4) {
    const magic = start.readUInt32LE(0);
    if (magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5) return 'zstd';
  }
  return 'none';
}

export interface Decompressor {
  /** A promise where it is behind; wait for it before the next call. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Undefined when all came out, else what was wrong. */
  end(): Promise<Error | undefined>;
  /** Stops; nothing more comes out. */
  stop(): void;
}

function plain(take: (piece: Buffer) => void): Decompressor {
  let stopped = false;
  return {
    write(chunk) {
      if (!stopped) take(chunk);
      return undefined;
    },
    end: async () => undefined,
    stop() {
      stopped = true;
    },
  };
}

/** Feeds what comes out to `take`, piece by piece. Gzip may have several members, zstd several frames. */
export function decompressor(kind: Compression, take: (piece: Buffer) => void): Decompressor {
  if (kind === 'none') return plain(take);
  const options = { chunkSize: PIECE, highWaterMark: PIECE };
  const stream = kind === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  let failed: Error | undefined;
  let over = false;
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.on('error', (error) => {
    failed ??= error;
  });
  stream.once('close', () => {
    over = true;
  });
  stream.on('data', (piece: Buffer) => {
    if (!over) take(piece);
  });
  return {
    write(chunk) {
      if (over || failed !== undefined || stream.write(chunk)) return undefined;
      return new Promise((resolve) => {
        const settle = () => {
          stream.off('drain', settle);
          stream.off('close', settle);
          resolve();
        };
        stream.on('drain', settle);
        stream.on('close', settle);
      });
    },
    async end() {
      if (!over) stream.end();
      await closed;
      return failed;
    },
    stop() {
      over = true;
      stream.destroy();
    },
  };
}
