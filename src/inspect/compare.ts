import { type BuiltPlatform, CHECKS, check } from '../checks/index.js';
import { mergedRows, treeRows } from '../contents/index.js';
import { type Finding, finding, type PlannedImage } from '../evidence/index.js';

/**
 * Judges the platforms of one image beside each other, as far as they were built.
 * Their trees are gone again when it returns. `most` is what their paths may have of
 * characters together.
 */
export function compare(
  { id, foreign }: Pick<PlannedImage, 'id' | 'foreign'>,
  platforms: readonly BuiltPlatform[],
  most?: number,
): readonly Finding[] {
  if (platforms.length < 2) return [];
  const rows = treeRows(
    platforms.map(({ layers }) => layers),
    most,
  );
  if (rows === undefined) {
    const message =
      'The platforms were not compared: all paths in the layers together are too long.';
    return platforms.map(({ platform }) =>
      finding('layer-unread', { image: id, platform }, message),
    );
  }
  const compared = { image: id, foreign, platforms, rows, alike: mergedRows(rows) };
  return check(CHECKS.platforms, compared);
}
