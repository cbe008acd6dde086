import { buildpacksIn } from '../apis.js';
import type { ResolvedBuilder } from '../builder.js';
import type { Runtime } from '../pins/pin.js';
import { versionNumbers } from '../versions.js';
import type { Offer } from './offer.js';
import type { Offers } from './read-offers.js';

/** What a buildpack said of its versions when it was asked by a build (probes.ts). */
export interface ProbedOffer {
  readonly runtime: Runtime;
  /** `ID@VERSION` */
  readonly buildpack: string;
  readonly platforms: readonly string[];
  readonly newest: string;
  /** Undefined: not known. */
  readonly oldest?: string;
}

const MOST = 100;

/** All of `3.10` to `3.14`; undefined where that cannot be counted up. */
function between(oldest: string, newest: string): readonly string[] | undefined {
  const [from, to] = [versionNumbers(oldest), versionNumbers(newest)];
  const [major, first = 0] = from ?? [];
  const last = to?.[1] ?? 0;
  const isCounted = from?.length === 2 && to?.length === 2 && to[0] === major;
  if (!isCounted || last < first || last - first > MOST) return undefined;
  return Array.from({ length: last - first + 1 }, (_, above) => `${major}.${first + above}`);
}

function offerOf(
  { runtime, buildpack, newest, oldest }: ProbedOffer,
  platform: string,
  ref: Offer['buildpack'],
): Offer {
  const all = oldest === undefined ? undefined : between(oldest, newest);
  const isSeries = (versionNumbers(newest)?.length ?? 0) < 3;
  return {
    runtime,
    platform,
    buildpack: ref,
    from: `a probe of ${buildpack}`,
    versions: (all ?? [newest]).map((version) => ({ version })),
    ...(isSeries ? { series: true as const } : {}),
    ...(all === undefined ? { partial: true as const, bounded: true as const } : {}),
  };
}

/** The same offers; where they are not known, or not all of them, what probes have found out. */
export function withProbedOffers(
  { offers, faults }: Offers,
  builder: ResolvedBuilder,
  probed: readonly ProbedOffer[],
): Offers {
  const more = builder.platforms.flatMap((on) =>
    buildpacksIn(on).flatMap(({ id, version }) => {
      const of = (one: Offer) =>
        one.platform === on.platform &&
        one.buildpack.id === id &&
        one.buildpack.version === version;
      const said = probed.find(
        ({ buildpack, platforms }) =>
          buildpack === `${id}@${version}` && platforms.includes(on.platform),
      );
      if (said === undefined || offers.some((one) => of(one) && !one.partial)) return [];
      return [{ of, offer: offerOf(said, on.platform, { id, version }) }];
    }),
  );
  const kept = offers.filter((one) => !more.some(({ of }) => of(one)));
  return { offers: [...kept, ...more.map(({ offer }) => offer)], faults };
}
