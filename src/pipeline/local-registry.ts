import type { Ports } from '../ports/index.js';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../registry/index.js';

/** The registry of a run that does not push, started when it is first needed. */
export interface LocalRegistry {
  /** `127.0.0.1:PORT`. */
  host(): Promise<string>;
  /** Throws the disk error that the registry has met: it is this machine's, not a network's. */
  throwDiskError(): void;
  close(): Promise<void>;
}

/** Keeps its blobs in `folder`, and takes those that the layout holds from there. */
export function createLocalRegistry(
  folder: string,
  layout: string,
  files: Ports['files'],
): LocalRegistry {
  let started: Promise<EmbeddedRegistry> | undefined;
  let running: EmbeddedRegistry | undefined;
  const start = async () => {
    await files.makeDirectory(folder);
    running = await startEmbeddedRegistry({ files, directory: folder, layout });
    return running;
  };
  return {
    async host() {
      started ??= start();
      return (await started).host;
    },
    throwDiskError() {
      const error = running?.fault();
      if (error !== undefined) throw error;
    },
    async close() {
      await running?.close();
    },
  };
}
