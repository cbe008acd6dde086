import { dirname } from 'node:path';
import type { Config, Request } from '../config/index.js';
import { builtBy, type Problem } from '../evidence/index.js';
import { type LockedImage, loadLock, pinnedReferences } from '../parity/index.js';
import type { Files } from '../ports/index.js';

/** What the parity lock says of images, by id. */
export interface Locks {
  readonly locks: ReadonlyMap<string, LockedImage>;
  readonly problems: readonly Problem[];
}

/** Reads the lock beside the configuration; images without an entry in it are not locked. */
export async function readLocks(
  config: Pick<Config, 'file' | 'images'>,
  { root, trust }: Pick<Request, 'root' | 'trust'>,
  files: Files,
): Promise<Locks> {
  const images = builtBy(config.images, 'buildpack');
  if (images.length === 0) return { locks: new Map(), problems: [] };
  const folder = dirname(config.file ?? '.');
  const loaded = await loadLock({ root, folder, untrusted: trust.untrusted, files });
  if (loaded === undefined) return { locks: new Map(), problems: [] };
  if ('problems' in loaded) return { locks: new Map(), problems: loaded.problems };
  const locked = images.flatMap(({ id, build }) => {
    const lock = loaded.lock.images.get(id.value);
    return lock === undefined ? [] : [{ lock, pins: pinnedReferences(lock, build) }];
  });
  return {
    locks: new Map(locked.map(({ lock }) => [lock.id.value, lock])),
    problems: [
      ...loaded.faults,
      ...locked.flatMap(({ pins }) => ('problems' in pins ? pins.problems : [])),
    ],
  };
}
