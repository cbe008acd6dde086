import { isBuiltBy, type PlannedImage } from '../evidence/index.js';
import type { Locks } from './locks.js';

/** An image with the builder and the run image of its lock, by their digests. */
export function pinned(image: PlannedImage, { locks }: Pick<Locks, 'locks'>): PlannedImage {
  const lock = locks.get(image.id);
  if (lock === undefined || !isBuiltBy(image, 'buildpack')) return image;
  const { builder, runImage } = lock;
  return { ...image, build: { ...image.build, builder, runImage } };
}
