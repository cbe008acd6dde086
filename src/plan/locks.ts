import { dirname, join } from 'node:path';
import type { Config, Request } from '../config/index.js';
import { builtBy, type Finding, finding, type Problem } from '../evidence/index.js';
import { LOCK_NAME, type LockedImage, loadLock, pinnedReferences } from '../parity/index.js';
import type { Files } from '../ports/index.js';

/** What the parity lock says of images, by id. */
export interface Locks {
  /** Where the lock is or would be; undefined where no image can have an entry in it. */
  readonly file?: string;
  readonly locks: ReadonlyMap<string, LockedImage>;
  readonly problems: readonly Problem[];
  /** Images that a lock could have an entry for. */
  readonly findings: readonly Finding[];
}

/** Reads the lock beside the configuration; images without an entry in it are not locked. */
export async function readLocks(
  config: Pick<Config, 'file' | 'images'>,
  { root, trust }: Pick<Request, 'root' | 'trust'>,
  files: Files,
): Promise<Locks> {
  const images = builtBy(config.images, 'buildpack');
  const none = { locks: new Map(), problems: [], findings: [] };
  if (images.length === 0) return none;
  const folder = dirname(config.file ?? '.');
  const loaded = await loadLock({ root, folder, untrusted: trust.untrusted, files });
  const file = join(folder, LOCK_NAME);
  if (loaded === undefined) return { ...none, file };
  if ('problems' in loaded) return { ...none, file, problems: loaded.problems };
  const locked = images.flatMap(({ id, build }) => {
    const lock = loaded.lock.images.get(id.value);
    return lock === undefined ? [] : [{ lock, pins: pinnedReferences(lock, build) }];
  });
  const open = images.filter(({ id }) => !loaded.lock.images.has(id.value));
  const ids = new Set(config.images.map(({ id }) => id.value));
  const unused = [...loaded.lock.images.keys()].filter((id) => !ids.has(id));
  const others =
    unused.length === 0 ? '' : ` It has ${unused.join(', ')}, which no image is called.`;
  return {
    file,
    findings: open.map(({ id: { value: image } }) =>
      finding('not-locked', { image }, `${file} has no entry for ${image}.${others}`, {
        location: { file },
      }),
    ),
    locks: new Map(locked.map(({ lock }) => [lock.id.value, lock])),
    problems: [
      ...loaded.faults,
      ...locked.flatMap(({ pins }) => ('problems' in pins ? pins.problems : [])),
    ],
  };
}
