import { parseReference } from '../reference/index.js';
import { differences, type FactDifference } from './differences.js';
import type { ImageLock, PinFacts } from './lock.js';

/**
 * What a lock is worth, against what registries have under its pins. `same`: its facts
 * hold. `behind`: a pin was changed, or a platform is new, and the facts are to be read
 * again. `disagrees`: the facts are said to be those of the pins, and are others.
 */
export interface LockComparison {
  readonly state: 'same' | 'behind' | 'disagrees';
  /** Those that are an edit of the facts, where it disagrees; else all of them. */
  readonly differences: readonly FactDifference[];
}

/** The digest of a reference that has one. */
export function digestIn(reference: string): string | undefined {
  const parsed = parseReference(reference);
  return parsed.ok ? parsed.reference.digest : undefined;
}

function isRunImage({ fact }: FactDifference): boolean {
  return fact.startsWith('run-image');
}

/** `found` is what the registries have under the pins. */
export function compareLock(lock: ImageLock, found: PinFacts): LockComparison {
  const all = differences(lock.derived, found);
  const isBehind = {
    builder: lock.derived.builder.digest !== found.builder.digest,
    runImage: lock.derived.runImage.digest !== found.runImage.digest,
  };
  const edited = all.filter((one) => {
    // A platform that the lock does not know yet is no edit.
    const isNew = one.before === undefined && one.fact.endsWith('platforms');
    return !isNew && !(isRunImage(one) ? isBehind.runImage : isBehind.builder);
  });
  if (edited.length > 0) return { state: 'disagrees', differences: edited };
  const isOld = isBehind.builder || isBehind.runImage || all.length > 0;
  return { state: isOld ? 'behind' : 'same', differences: all };
}
