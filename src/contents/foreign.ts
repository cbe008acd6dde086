import { fitsGlob } from './glob.js';

/** An entry of an image's `foreign`: which files may be for another platform, and why. */
interface Foreign {
  readonly path: string;
  readonly reason: string;
}

/** Finds the first entry that permits a file, by its path in the image, to be for another platform. */
export function foreignPath<Entry extends Foreign>(
  entries: readonly Entry[] = [],
): (path: string) => Entry | undefined {
  return (path) => entries.find((entry) => fitsGlob(entry.path, path));
}
