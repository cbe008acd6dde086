import type { Offers, ProbedOffer } from '../buildpacks/index.js';
import type { ImageLock } from './lock.js';

/** Versions by runtime: what a lock keeps of offers, of those that are known to be all. */
export function offersByRuntime({ offers }: Offers): ImageLock['offers'] {
  const found = new Map<string, string[]>();
  for (const { runtime, versions, partial } of offers) {
    if (partial) continue;
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

/** What came of probes: `ID@VERSION` of those that were asked, and what they named. */
interface ProbeResult {
  readonly asked: ReadonlySet<string>;
  readonly probed: readonly ProbedOffer[];
}

/**
 * The same lock with what probes have named. Of their runtimes, versions that stood in it and
 * are not in `known` give way: there is one list, and it says where it is from.
 */
export function withProbes<L extends ImageLock>(
  lock: L,
  { asked, probed }: ProbeResult,
  known: Offers,
): L {
  const runtimes = new Set<string>(probed.map(({ runtime }) => runtime));
  const entries = (offers: ImageLock['offers'], isProbed: boolean) =>
    Object.entries(offers).filter(([runtime]) => runtimes.has(runtime) === isProbed);
  return {
    ...lock,
    offers: Object.fromEntries([
      ...entries(lock.offers, false),
      ...entries(offersByRuntime(known), true),
    ]),
    probed: [...lock.probed.filter(({ buildpack }) => !asked.has(buildpack)), ...probed],
  };
}
