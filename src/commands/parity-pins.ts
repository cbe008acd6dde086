import { type ResolvedBuild, readBuild } from '../buildpacks/index.js';
import { type Finding, finding } from '../evidence/index.js';
import {
  compareLock,
  differenceWords,
  type ImageLock,
  type LockedImage,
  lockFindings,
  lockLocation,
  type PinFacts,
  pinFacts,
  shortReference,
} from '../parity/index.js';
import { parseReference } from '../reference/index.js';
import { RegistryError } from '../registry/index.js';
import { defined } from '../types/index.js';
import type { ParityReaders } from './parity-readers.js';
import type { ParityOutcome } from './parity-request.js';
import { named } from './parity-source.js';

/** What has come of an image, with the pins of its lock where it has one. */
export function outcomeOf(
  image: string,
  state: ParityOutcome['state'],
  lock?: ImageLock,
  changes: readonly string[] = [],
): ParityOutcome {
  const pins = lock === undefined ? {} : { builder: lock.builder, runImage: lock.runImage };
  return { image, state, ...pins, changes };
}

/** Whether the registry answers that it does not have what a pin names. */
async function isGone(reference: string, { client, signal }: ParityReaders): Promise<boolean> {
  const parsed = parseReference(reference);
  if (!parsed.ok) return false;
  const { registry, repository, digest = '' } = parsed.reference;
  try {
    await client.repository(registry, repository).getManifest(digest, { signal });
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryError) return error.code === 'not-found';
    throw error;
  }
}

/** A pin that is gone is wrong in the lock; what else cannot be read is as it was found. */
async function unreadPins(
  lock: LockedImage,
  found: readonly Finding[],
  readers: ParityReaders,
): Promise<readonly Finding[]> {
  const pins = [
    ['builder', lock.builder],
    ['run-image', lock.runImage],
  ] as const;
  const gone = await Promise.all(
    pins.map(async ([fact, reference]) => {
      if (!(await isGone(reference, readers))) return [];
      const message = `${shortReference(reference)} is pinned, and its registry does not have it any more.`;
      const location = lockLocation(lock, fact);
      const subject = { image: lock.id.value, reference };
      const remedy =
        'Run sea-trial parity update, which locks what its source names now; if that is this digest still, push the image again.';
      return [finding('lock-disagrees', subject, message, { remedy, ...defined({ location }) })];
    }),
  );
  const all = gone.flat();
  if (all.length > 0) return all;
  const location = lockLocation(lock, 'builder');
  return named(lock.id.value, found).map((one) => ({ ...one, ...defined({ location }) }));
}

/** A lock, and what the registries have under its pins. */
export interface ComparedPins {
  /** `failed`: they could not be read. */
  readonly outcome: ParityOutcome;
  readonly findings: readonly Finding[];
  readonly read?: { readonly build: ResolvedBuild; readonly facts: PinFacts };
}

/** Reads what a lock pins and compares it with the facts of the lock. Rejects with the signal's reason. */
export async function comparePins(
  lock: LockedImage,
  platforms: readonly string[],
  readers: ParityReaders,
): Promise<ComparedPins> {
  const id = lock.id.value;
  const { value: build, findings: unread = [] } = await readBuild(readers.reader, lock, platforms);
  if (build === undefined) {
    const findings = await unreadPins(lock, unread, readers);
    return { outcome: outcomeOf(id, 'failed', lock), findings };
  }
  const facts = pinFacts(build);
  const { state, differences } = compareLock(lock, facts);
  const outcome = outcomeOf(id, state, lock, differenceWords(differences));
  return { outcome, findings: lockFindings(lock, facts), read: { build, facts } };
}
