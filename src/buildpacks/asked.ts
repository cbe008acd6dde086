import { type Finding, finding } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { plannedBuildpack } from '../reference/index.js';
import type { PlatformBuilder, ResolvedBuilder } from './builder.js';

function isIn({ buildpacks }: PlatformBuilder, id: string, version: string | undefined): boolean {
  return buildpacks.some(
    (one) => one.id === id && (version === undefined || one.version === version),
  );
}

function lack(
  reference: string,
  { platform, buildpacks }: PlatformBuilder,
  id: string,
  version: string | undefined,
): Finding {
  const versions = buildpacks.filter((one) => one.id === id).map((one) => one.version);
  const ids = new Set(buildpacks.map((one) => one.id));
  const near = nearest(id, ids);
  const name = version === undefined ? id : `${id}@${version}`;
  const there =
    versions.length > 0
      ? `it has ${id} ${versions.join(', ')}`
      : near === undefined
        ? `it has ${[...ids].join(', ') || 'none'}`
        : `did you mean "${near}"?`;
  const end = there.endsWith('?') ? '' : '.';
  return finding(
    'builder-unusable',
    { reference, platform },
    `The builder ${reference} has no buildpack ${name}; ${there}${end}`,
    {
      remedy: `Name a buildpack of the builder, or say where ${name} is from: a folder, or docker:// and an image.`,
    },
  );
}

/**
 * A finding for each buildpack of the plan that is to be the builder's and is not: pack would
 * look for some of them in its public registry.
 */
export function lackingBuildpacks(
  { reference, platforms }: ResolvedBuilder,
  planned: readonly string[],
): readonly Finding[] {
  return [...new Set(planned)].flatMap((one) => {
    const source = plannedBuildpack(one);
    if (source.from !== 'builder') return [];
    const { id, version } = source;
    const without = platforms.find((on) => !isIn(on, id, version));
    return without === undefined ? [] : [lack(reference, without, id, version)];
  });
}
