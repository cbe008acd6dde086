import { buildpacksIn } from '../apis.js';
import type { BuilderBuildpack, ResolvedBuilder } from '../builder.js';
import { readerOf } from '../readers.js';
import { versionNumbers } from '../versions.js';
import type { Offer } from './offer.js';
import type { Offers } from './read-offers.js';

/**
 * The same offers, and those that are given by runtime for buildpacks of which nothing else
 * says what they offer. `from` is where they are written.
 */
export function withGivenOffers(
  offers: Offers,
  builder: ResolvedBuilder,
  given: Readonly<Record<string, readonly string[]>>,
  from: string,
): Offers {
  const isKnown = (platform: string, { id, version }: BuilderBuildpack) =>
    offers.offers.some(
      (one) =>
        one.platform === platform && one.buildpack.id === id && one.buildpack.version === version,
    );
  const more = builder.platforms.flatMap((on) =>
    buildpacksIn(on).flatMap((one): readonly Offer[] => {
      const runtime = readerOf(one.id, one.version)?.runtime;
      const versions =
        runtime !== undefined && Object.hasOwn(given, runtime) ? given[runtime] : undefined;
      if (runtime === undefined || !versions?.length || isKnown(on.platform, one)) return [];
      const isSeries = versions.every((version) => (versionNumbers(version)?.length ?? 0) < 3);
      return [
        {
          runtime,
          platform: on.platform,
          buildpack: { id: one.id, version: one.version },
          from,
          versions: versions.map((version) => ({ version })),
          ...(isSeries ? { series: true as const } : {}),
        },
      ];
    }),
  );
  return { ...offers, offers: [...offers.offers, ...more] };
}
