import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';

type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that must be there before the compression is known. */
export const MAGIC = 4;
const PIECE = 256 * 1024;
const OPTIONS = { chunkSize: PIECE, highWaterMark: PIECE };

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

type Take = (piece: Buffer) => void;

export interface Decompressor {
  /** A promise where it is behind; wait for it before the next call. Never rejects. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Undefined when all came out, else what was wrong. */
  end(): Promise<Error | undefined>;
  /** Stops; nothing more comes out. */
  stop(): void;
}

function plain(take: Take): Decompressor {
  return {
    write(chunk) {
      take(chunk);
      return undefined;
    },
    end: async () => undefined,
    stop: () => {},
  };
}

/** One of node's streams whose output is taken at once. */
function flowing(stream: Gunzip | ZstdDecompress, take: Take) {
  const state: { over: boolean; failed: Error | undefined } = { over: false, failed: undefined };
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.on('error', (error) => {
    state.failed ??= error;
  });
  stream.once('close', () => {
    state.over = true;
  });
  stream.on('data', (piece: Buffer) => {
    if (!state.over) take(piece);
  });
  return {
    state,
    closed,
    stop() {
      state.over = true;
      stream.destroy();
    },
  };
}

/** Several members are one stream to node; it passes over other bytes behind them. */
function gunzip(take: Take): Decompressor {
  const stream = createGunzip(OPTIONS);
  const { state, closed, stop } = flowing(stream, take);
  let written = 0;
  return {
    stop,
    write(chunk) {
      written += chunk.length;
      if (state.over || state.failed !== undefined || stream.write(chunk)) return undefined;
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
      if (!state.over) stream.end();
      await closed;
      const rest = written - stream.bytesWritten;
      if (state.failed !== undefined || rest === 0) return state.failed;
      return new Error(`${rest} other bytes follow`);
    },
  };
}

/**
 * To node a frame is a stream. What is left of a chunk behind a frame goes to
 * the next one, so each chunk is waited for.
 */
function unzstd(take: Take): Decompressor {
  let stream = createZstdDecompress(OPTIONS);
  let { state, closed, stop } = flowing(stream, take);

  const feed = async (chunk: Buffer): Promise<void> => {
    let rest = chunk;
    while (rest.length > 0 && !state.over && state.failed === undefined) {
      const before = stream.bytesWritten;
      await Promise.race([
        closed,
        new Promise<void>((resolve) => stream.write(rest, () => resolve())),
      ]);
      const consumed = stream.bytesWritten - before;
      if (state.failed !== undefined || state.over || consumed === rest.length) return;
      rest = rest.subarray(consumed);
      stream.destroy();
      stream = createZstdDecompress(OPTIONS);
      ({ state, closed, stop } = flowing(stream, take));
    }
  };
  return {
    stop: () => stop(),
    write: feed,
    async end() {
      if (!state.over) stream.end();
      await closed;
      return state.failed;
    },
  };
}

/** Feeds what comes out to `take`, piece by piece, over all gzip members or zstd frames. */
export function decompressor(kind: Compression, take: Take): Decompressor {
  if (kind === 'none') return plain(take);
  return kind === 'gzip' ? gunzip(take) : unzstd(take);
}
