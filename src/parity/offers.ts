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

/** The new lock, with what was written by hand or probed for the same builder. */
export function withKeptOffers(before: ImageLock | undefined, now: ImageLock): ImageLock {
  if (before?.derived.builder.digest !== now.derived.builder.digest) return now;
  return { ...now, offers: { ...before.offers, ...now.offers }, probed: before.probed };
}
