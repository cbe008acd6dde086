import { type Finding, finding } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import type { PlatformBuilder, ResolvedBuilder } from './builder.js';

/** How pack calls what is in the builder (pack: pkg/buildpack/locator_type.go). */
const OF_BUILDER = /^(?:urn:cnb:builder:|from=builder:)/;

/** What pack looks up in its public registry, where the builder does not have it. */
const REGISTRY_NAME = /^[a-z0-9\-.]+\/[a-z0-9\-.]+(?:@\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?)?$/;

/** An id with or without `@VERSION`, as pack reads it; undefined for everything that is a place. */
function idIn(locator: string): readonly [id: string, version: string | undefined] | undefined {
  const isOfBuilder = OF_BUILDER.test(locator);
  const name = locator.replace(OF_BUILDER, '');
  if (!isOfBuilder && !REGISTRY_NAME.test(name)) return undefined;
  const parts = name.split('@');
  return [parts[0] ?? '', parts.length === 2 ? parts[1] : undefined];
}

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
  const near = nearest(
    id,
    buildpacks.map((one) => one.id),
  );
  const name = version === undefined ? id : `${id}@${version}`;
  const there =
    versions.length > 0
      ? `it has ${id} ${versions.join(', ')}`
      : near === undefined
        ? `it has ${buildpacks.map((one) => one.id).join(', ') || 'none'}`
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
 * A finding for each buildpack asked for by an id that the builder lacks: pack would take it
 * from its public registry. `isFile` says what is a file or folder, which comes first.
 */
export function lackingBuildpacks(
  { reference, platforms }: ResolvedBuilder,
  locators: readonly string[],
  isFile: (locator: string) => boolean,
): readonly Finding[] {
  return [...new Set(locators)]
    .filter((locator) => OF_BUILDER.test(locator) || !isFile(locator))
    .flatMap((locator) => {
      const asked = idIn(locator);
      if (asked === undefined) return [];
      const [id, version] = asked;
      const without = platforms.find((one) => !isIn(one, id, version));
      return without === undefined ? [] : [lack(reference, without, id, version)];
    });
}
