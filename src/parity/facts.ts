import type { PlatformBuilder, ResolvedBuild } from '../buildpacks/index.js';
import { defined } from '../types/index.js';
import type { BuilderFacts, PinFacts } from './lock.js';

/** Of `0.9` and `0.15`, the second: an API's parts are numbers. */
function newest(apis: readonly string[]): string {
  const parts = (api: string) => api.split('.').map(Number);
  const [last = ''] = [...apis].sort((a, b) => {
    const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [parts(a), parts(b)];
    return otherMajor - major || otherMinor - minor;
  });
  return last;
}

function builderFacts(builder: PlatformBuilder): BuilderFacts {
  const { platform, digest, lifecycle, buildpacks, order, distribution } = builder;
  /** A group may leave the version out where the builder has one alone. */
  const versionOf = (id: string, version: string) =>
    version || (buildpacks.find((one) => one.id === id)?.version ?? '');
  return {
    platform,
    digest,
    lifecycle: lifecycle.version,
    platformApi: newest(lifecycle.platformApis),
    ...defined({ distribution }),
    buildpacks: buildpacks.map(({ id, version }) => `${id}@${version}`).sort(),
    order: order.map((group) =>
      group.map(
        ({ id, version, optional }) =>
          `${id}@${versionOf(id, version)}${optional ? ' (optional)' : ''}`,
      ),
    ),
  };
}

/** What a lock keeps of a builder and a run image that were read. */
export function pinFacts({ builder, runImages }: ResolvedBuild): PinFacts {
  return {
    builder: { digest: builder.digest, platforms: builder.platforms.map(builderFacts) },
    runImage: {
      digest: runImages[0]?.indexDigest ?? '',
      platforms: runImages.map(({ platform, digest }) => ({ platform, digest })),
    },
  };
}
