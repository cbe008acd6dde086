import type { PlannedImage } from '../evidence/index.js';

/**
 * The names under which an image that passed stays in the engine. A name there is
 * one platform's: with several, the engine's `own` has NAME:TAG, and linux/arm64
 * has NAME:TAG-linux-arm64.
 */
export function keptNames(
  { targets, platforms }: PlannedImage,
  platform: string,
  own: boolean,
): readonly string[] {
  const suffix = own || platforms.length === 1 ? '' : `-${platform.replaceAll('/', '-')}`;
  return targets.flatMap(({ repository, tags }) =>
    tags.map((tag) => `${repository}:${tag}${suffix}`),
  );
}
