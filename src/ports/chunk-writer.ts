import type { Writable } from 'node:stream';

/** A file that is written piece by piece. What fails on the disk, the next call tells. */
export interface ChunkWriter {
  /** A promise where the disk is behind; wait for it before the next call. */
  write(piece: Buffer): Promise<void> | undefined;
  /** Until all of it is written. */
  end(): Promise<void>;
  /** Gives up; what is there of the file stays. */
  abort(): Promise<void>;
}

/**
 * Writes to a stream that may fail at any time, between two calls as well: waits
 * for its next event only as long as one will come.
 */
export function chunkWriter(file: Writable): ChunkWriter {
  let failed: Error | undefined;
  const closed = new Promise<void>((resolve) => file.once('close', resolve));
  file.on('error', (error) => {
    failed ??= error;
  });
  const drained = () =>
    new Promise<void>((resolve, reject) => {
      const settle = () => {
        file.off('drain', settle);
        file.off('close', settle);
        if (failed) reject(failed);
        else resolve();
      };
      file.on('drain', settle);
      file.on('close', settle);
    });
  return {
    write(piece) {
      if (failed) return Promise.reject(failed);
      return file.write(piece) ? undefined : drained();
    },
    async end() {
      file.end();
      await closed;
      if (failed) throw failed;
    },
    async abort() {
      failed ??= new Error('the file was abandoned while it was written');
      file.destroy();
      await closed;
    },
  };
}
