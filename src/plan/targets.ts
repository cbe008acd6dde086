import type { ImageConfig, Request } from '../config/index.js';
import type { PlannedImage, Problem } from '../evidence/index.js';
import { normalisePlatform } from '../platform/index.js';
import { destination } from './unique.js';

type Target = PlannedImage['targets'][number];

function canonical(platform: string): string {
  return normalisePlatform(platform) ?? platform;
}

/** What is said of all tags of a target, as a text by which targets are compared. */
function saidOf({ repository, tags: _, ...rest }: Target): string {
  return JSON.stringify([repository, rest]);
}

/**
 * Where an image goes; `--registry` may make one repository of several. Tags of one
 * repository are one target where the same is said of them.
 */
export function planTargets(
  image: ImageConfig,
  request: Pick<Request, 'registry' | 'replaces' | 'existing'>,
): readonly Target[] {
  const { registry, replaces: always } = request;
  const taken = new Set<string>();
  const found = new Map<string, Target>();
  for (const { repository, tags, replaces, existing: own } of image.targets) {
    const to = destination(repository, registry);
    const lost = [...new Set([...replaces.map(({ value }) => value), ...always].map(canonical))];
    const fresh = tags.filter((tag) => !taken.has(`${to}:${tag}`));
    for (const tag of fresh) taken.add(`${to}:${tag}`);
    const existing = request.existing ?? own ?? 'replace';
    const target = {
      repository: to,
      tags: fresh,
      ...(lost.length === 0 ? {} : { replaces: lost.sort() }),
      ...(existing === 'replace' ? {} : { existing }),
    };
    const known = found.get(saidOf(target));
    if (known === undefined && fresh.length === 0) continue;
    found.set(saidOf(target), { ...target, tags: [...(known?.tags ?? []), ...fresh] });
  }
  return [...found.values()];
}

function isBuilt(platform: string, { platforms }: PlannedImage): boolean {
  return platforms.includes(canonical(platform));
}

const BOTH = 'which is built, so that no tag can lose it; leave it out of one of the two';

/** Platforms that may be lost and are built all the same. */
export function replaceProblems(
  images: readonly { readonly config: ImageConfig; readonly image: PlannedImage }[],
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
