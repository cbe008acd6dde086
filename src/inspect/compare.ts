import {
  type BuiltPlatform,
  emptyOnOnePlatform,
  equalLayers,
  treeDiffers,
} from '../checks/index.js';
import { joined, sideBySide } from '../contents/index.js';
import type { Finding, PlannedImage } from '../evidence/index.js';

/**
 * Judges the platforms of one image beside each other, as far as they were built.
 * Their trees are gone again when it returns.
 */
export function compare(
  { id, foreign }: Pick<PlannedImage, 'id' | 'foreign'>,
  platforms: readonly BuiltPlatform[],
): readonly Finding[] {
  if (platforms.length < 2) return [];
  const rows = sideBySide(platforms.map(({ layers }) => layers));
  const compared = { image: id, platforms, rows, alike: joined(rows) };
  return [
    ...equalLayers(compared, foreign),
    ...emptyOnOnePlatform(compared),
    ...treeDiffers(compared),
  ];
}
