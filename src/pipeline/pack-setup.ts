import type { PackTools } from '../build/index.js';
import type { Undo } from '../cleanup/index.js';

/** What images from buildpacks are built with. */
export interface PackSetup {
  readonly tools: PackTools;
  /** The name of the volume that holds the cache of an image on a platform. */
  cacheOf(image: string, platform: string): string;
  readonly undo: Undo;
}
