import type { Readable } from 'node:stream';
import type { LimitFunction } from 'p-limit';
import type { Descriptor } from '../evidence/index.js';
import type { Repository } from '../registry/index.js';

interface BlobSource {
  /** The blob's bytes; opened anew for each try. */
  open(digest: string): Readable;
}

interface Place {
  readonly path: string;
  readonly done: Promise<unknown>;
}

/** Brings one blob into one repository. */
export type Give = (repository: Repository, blob: Descriptor, signal: AbortSignal) => Promise<void>;

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
export function shareUploads(source: BlobSource, limit: LimitFunction): Give {
  const known = new Map<string, Place[]>();
  return async (repository, blob, signal) => {
    const { registry, path } = repository;
    const key = `${registry} ${blob.digest}`;
    const places = known.get(key) ?? [];
    known.set(key, places);
    const own = places.find((place) => place.path === path);
    if (own !== undefined && (await succeeds(own.done))) return;
    const sibling = places.find((place) => place.path !== path);
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
    places.push({ path, done });
    await done;
  };
}
