import type { PackTools } from '../build/index.js';
import type { Undo } from '../cleanup/index.js';
import type { BuildCache } from '../engine/index.js';

/** What images from buildpacks are built with. */
export interface PackSetup {
  readonly tools: PackTools;
  /** Whose the cache of an image on a platform is. */
  cacheOf(image: string, platform: string): BuildCache;
  readonly undo: Undo;
}
