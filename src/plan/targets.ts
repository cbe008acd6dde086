import type { ImageEntry, Request } from '../config/index.js';
import type { Existing, PlannedImage, Problem } from '../evidence/index.js';
import { normalisePlatform } from '../platform/index.js';
import { destination } from './duplicates.js';

type PlannedTarget = PlannedImage['targets'][number];

function canonical(platform: string): string {
  return normalisePlatform(platform) ?? platform;
}

/** One tag, and what may become of it. */
interface PlannedTag {
  readonly repository: string;
  readonly tag: string;
  readonly replaces: readonly string[];
  readonly existing: Existing;
}

const STRICTNESS: readonly Existing[] = ['replace', 'same', 'fail'];

/** What is left to a tag of which two things are said. */
function stricter(one: PlannedTag, other: PlannedTag): PlannedTag {
  const allowed = Math.max(STRICTNESS.indexOf(one.existing), STRICTNESS.indexOf(other.existing));
  return {
    ...one,
    replaces: one.replaces.filter((platform) => other.replaces.includes(platform)),
    existing: STRICTNESS[allowed] ?? one.existing,
  };
}

/**
 * Where an image goes; `--registry` may make one repository of several. Tags of one
 * repository are one target where the same is said of them.
 */
export function planTargets(
  image: ImageEntry,
  request: Pick<Request, 'registry' | 'replaces' | 'existing'>,
): readonly PlannedTarget[] {
  const { registry, replaces: always } = request;
  const found = new Map<string, PlannedTag>();
  for (const { repository: written, tags, replaces: own, existing } of image.targets) {
    const repository = destination(written, registry);
    const lost = new Set([...own.map(({ value }) => value), ...always].map(canonical));
    const said = {
      repository,
      replaces: [...lost].sort(),
      existing: request.existing ?? existing ?? 'replace',
    };
    for (const tag of tags) {
      const name = `${repository}:${tag}`;
      const known = found.get(name);
      found.set(name, known === undefined ? { ...said, tag } : stricter(known, { ...said, tag }));
    }
  }
  const targets = Map.groupBy(found.values(), ({ tag: _, ...said }) => JSON.stringify(said));
  return [...targets.values()].map((same) => {
    const [{ repository, replaces, existing }] = same as [PlannedTag];
    return {
      repository,
      tags: same.map(({ tag }) => tag),
      ...(replaces.length === 0 ? {} : { replaces }),
      ...(existing === 'replace' ? {} : { existing }),
    };
  });
}

function isBuilt(platform: string, { platforms }: PlannedImage): boolean {
  return platforms.includes(canonical(platform));
}

const BOTH = 'which this run builds, so no tag loses it; remove it from one of the two';

/** Platforms that may be lost and are built all the same. */
export function replaceProblems(
  images: readonly { readonly config: ImageEntry; readonly image: PlannedImage }[],
  { from, replaces }: Pick<Request, 'from' | 'replaces'>,
): readonly Problem[] {
  const written = images.flatMap(({ config, image }) =>
    config.targets
      .flatMap((target) => target.replaces)
      .filter(({ value }) => isBuilt(value, image))
      .map(({ value, at }) => ({ ...at, message: `"replaces" names ${value}, ${BOTH}` })),
  );
  // What one image builds, another one may have lost.
  const given = replaces
    .filter((value) => images.length > 0 && images.every(({ image }) => isBuilt(value, image)))
    .map((value) =>
      from === 'inputs'
        ? { file: 'input "replaces"', message: `it names ${value}, ${BOTH}` }
        : { message: `--replaces ${value}: it names a platform ${BOTH}` },
    );
  return [...written, ...given];
}
