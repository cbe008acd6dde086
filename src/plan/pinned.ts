import { isBuiltBy, type PlannedImage } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { Locks } from './locks.js';

/** An image with the builder and the run image of its lock, by their digests, and where that has them. */
export function pinned(image: PlannedImage, { locks }: Pick<Locks, 'locks'>): PlannedImage {
  const lock = locks.get(image.id);
  if (lock === undefined || !isBuiltBy(image, 'buildpack')) return image;
  const { builder, runImage, places } = lock;
  const { file, line, column } = places.get('builder') ?? lock.id.at;
  const place = { file, ...defined({ line, column }) };
  return { ...image, build: { ...image.build, builder, runImage, lock: place } };
}
