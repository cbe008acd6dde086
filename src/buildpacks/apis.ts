import type { BuildpackRef, PlatformBuilder } from './builder.js';

/** The Platform APIs that pack 0.40 serves (pack: internal/build/lifecycle_executor.go). */
export const PLATFORM_APIS: readonly string[] = Array.from(
  { length: 13 },
  (_, above) => `0.${above + 3}`,
);

/** Before 1.0 an API is served by itself alone, from 1.0 on by every later minor (lifecycle: api/version.go). */
function serves(served: string, asked: string): boolean {
  if (served === asked) return true;
  const [major = 0, minor = 0] = served.split('.').map(Number);
  const [wantedMajor, wantedMinor = 0] = asked.split('.').map(Number);
  return major >= 1 && major === wantedMajor && minor >= wantedMinor;
}

type Parts = Pick<PlatformBuilder, 'lifecycle' | 'order' | 'buildpacks'>;

/** Every buildpack of the builder that an order leads to, those of composite buildpacks too. */
export function buildpacksIn({ order, buildpacks }: Omit<Parts, 'lifecycle'>) {
  const found = new Set<PlatformBuilder['buildpacks'][number]>();
  const open = ({ id, version }: BuildpackRef): void => {
    const one = buildpacks.find(
      (held) => held.id === id && (version === '' || held.version === version),
    );
    if (one === undefined || found.has(one)) return;
    found.add(one);
    for (const below of one.order.flat()) open(below);
  };
  for (const one of order.flat()) open(one);
  return [...found];
}

/** A clause for each API of a builder that cannot be served. */
export function apiProblems({ lifecycle, ...parts }: Parts): readonly string[] {
  const { version, platformApis, buildpackApis } = lifecycle;
  const [oldest, newest] = [PLATFORM_APIS[0], PLATFORM_APIS.at(-1)];
  const platform = platformApis.some((api) => PLATFORM_APIS.includes(api))
    ? []
    : [
        `its lifecycle ${version} serves the Platform APIs ${platformApis.join(', ') || '(none)'}; pack serves ${oldest} to ${newest}`,
      ];
  const buildpacks = buildpacksIn(parts)
    .filter(({ api }) => api !== '' && !buildpackApis.some((one) => serves(one, api)))
    .map(
      ({ id, version: own, api }) =>
        `${id}@${own} is written for the Buildpack API ${api}; its lifecycle ${version} serves ${buildpackApis.join(', ') || '(none)'}`,
    );
  return [...platform, ...buildpacks];
}
