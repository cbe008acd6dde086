import type { Readable } from 'node:stream';
import type { LimitFunction } from 'p-limit';
import type { Descriptor } from '../evidence/index.js';
import type { Repository } from '../registry/index.js';

interface BlobSource {
  /** The blob's bytes; opened anew for each try. */
  open(digest: string): Readable;
}

interface SharedUpload {
  readonly path: string;
  readonly done: Promise<unknown>;
}

/** Brings one blob into one repository. */
export type UploadBlob = (
  repository: Repository,
  blob: Descriptor,
  signal: AbortSignal,
) => Promise<void>;

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/**
 * Uploads each blob once per registry: a second image of the same repository
 * waits for the first, another repository mounts it from there. Waiting takes
 * no slot of `limit`, so nothing can wait for a slot that a waiter holds.
 */
export function createUploader(source: BlobSource, limit: LimitFunction): UploadBlob {
  const known = new Map<string, SharedUpload[]>();
  return async (repository, blob, signal) => {
    const { registry, path } = repository;
    const key = `${registry} ${blob.digest}`;
    const uploads = known.get(key) ?? [];
    known.set(key, uploads);
    const own = uploads.find((one) => one.path === path);
    if (own !== undefined && (await succeeds(own.done))) return;
    const sibling = uploads.find((one) => one.path !== path);
    const upload = async () => {
      const mountable = sibling !== undefined && (await succeeds(sibling.done));
      return limit(async () => {
        signal.throwIfAborted();
        await repository.putBlob({
          digest: blob.digest,
          size: blob.size,
          open: () => source.open(blob.digest),
          signal,
          ...(mountable ? { from: sibling.path } : {}),
        });
      });
    };
    const done = upload();
    uploads.push({ path, done });
    await done;
  };
}
