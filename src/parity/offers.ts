import type { Offers } from '../buildpacks/index.js';
import type { ImageLock } from './lock.js';

/** Versions by runtime: what a lock keeps of offers. */
export function offersByRuntime({ offers }: Offers): ImageLock['offers'] {
  const found = new Map<string, string[]>();
  for (const { runtime, versions } of offers) {
    const known = found.get(runtime) ?? [];
    const more = versions.map(({ version }) => version).filter((one) => !known.includes(one));
    found.set(runtime, [...known, ...more]);
  }
  return Object.fromEntries(found);
}

/** Offers that were read, and those that were written by hand for the same builder. */
export function keptOffers(before: ImageLock | undefined, now: ImageLock): ImageLock['offers'] {
  const isSame = before?.derived.builder.digest === now.derived.builder.digest;
  return isSame ? { ...before?.offers, ...now.offers } : now.offers;
}
