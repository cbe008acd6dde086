import { isFolder } from '../evidence/index.js';
import type { ImageEntry } from './config.js';

/** An entry of `images` as it was read. */
export interface ReadEntry {
  readonly image: ImageEntry;
  /** Whether its id is written, and not made of its name. */
  readonly hasId: boolean;
}

/** Whether two images are the same stage of one Dockerfile of the checkout. */
function isSameFile({ build: one }: ImageEntry, { build: other }: ImageEntry): boolean {
  if (one.kind !== 'dockerfile' || other.kind !== 'dockerfile') return false;
  if (one.target !== other.target) return false;
  return isFolder(one.context.value) && one.dockerfile.value === other.dockerfile.value;
}

function isFor({ image: written }: ReadEntry, made: ImageEntry): boolean {
  return written.id.value === made.id.value || isSameFile(written, made);
}

/** An entry for one version; where its id is not written it has the version's, so that `--only` finds it. */
function asVersion({ image, hasId }: ReadEntry, { id, version = '' }: ImageEntry): ImageEntry {
  const own = hasId ? image.id.value : `${image.id.value}:${version}`;
  return own === id.value ? { ...image, version, id: { ...image.id, value: own } } : image;
}

function placeOf({ at }: ImageEntry): string {
  return at.line === undefined ? at.file : `${at.file}:${at.line}`;
}

/**
 * The images without those that a pattern makes and that an entry of their own describes: one
 * with the same id, or with the same Dockerfile. A note says which entry took their place.
 */
export function withPrecedence(entries: readonly ReadEntry[]): {
  readonly images: readonly ImageEntry[];
  readonly notes: readonly string[];
} {
  const isMade = ({ version }: ImageEntry) => version !== undefined;
  const made = entries.map(({ image }) => image).filter(isMade);
  const written = entries.filter(({ image }) => !isMade(image));
  const owner = (image: ImageEntry) => written.find((one) => isFor(one, image))?.image;
  const notes = made.flatMap((image) => {
    const own = owner(image);
    if (own === undefined) return [];
    return [
      `${image.id.value} is built as ${placeOf(own)} says, not as the pattern of ${placeOf(image)} does.`,
    ];
  });
  const images = entries.flatMap((one) => {
    if (isMade(one.image)) return owner(one.image) === undefined ? [one.image] : [];
    const version = made.find((image) => isFor(one, image));
    return [version === undefined ? one.image : asVersion(one, version)];
  });
  return { images, notes };
}
