import { isFolder, type Problem } from '../evidence/index.js';
import type { ImageEntry } from './config.js';

/** An entry of `images` as it was read. */
export interface ReadEntry {
  readonly image: ImageEntry;
  /** Whether its id is written, and not made of its name. */
  readonly hasId: boolean;
  /** Whether its tags are written. */
  readonly hasTags: boolean;
}

/** An image that a pattern makes. */
type PatternImage = ImageEntry & { readonly version: string };

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
function asVersion({ image, hasId }: ReadEntry, { id, version }: PatternImage): ImageEntry {
  const own = hasId ? image.id.value : `${image.id.value}:${version}`;
  return own === id.value ? { ...image, version, id: { ...image.id, value: own } } : image;
}

/** Both entries are of a file: the inputs describe one alone. */
function placeOf({ at }: ImageEntry): string {
  return `${at.file}:${at.line}`;
}

/** What an entry has to say itself, which takes the place of an image that a pattern makes. */
function withoutName({ image }: ReadEntry, made: readonly PatternImage[]): readonly Problem[] {
  const own = made.find(({ id }) => id.value === image.id.value);
  if (own === undefined || image.targets.length > 0) return [];
  const message = `this entry takes the place of "${image.id.value}", which the pattern of ${placeOf(own)} makes, and has nothing of it: write "name" or "targets" here too, with "tags" and "build" as they are to be`;
  return [{ ...image.at, message }];
}

/** An entry that would take the places of two versions: of one by its id, of another by its Dockerfile. */
function forTwo({ image }: ReadEntry, made: readonly PatternImage[]): readonly Problem[] {
  const byId = made.find(({ id }) => id.value === image.id.value);
  const byFile = made.find((one) => isSameFile(image, one) && one.version !== byId?.version);
  if (byId === undefined || byFile === undefined) return [];
  if (made.some((one) => isSameFile(image, one) && one.version === byId.version)) return [];
  const message = `this entry has the id of "${byId.id.value}" and the Dockerfile of "${byFile.id.value}", and would take the place of both; give it the "id" of one and the "dockerfile" of the same, or an "id" that no version has`;
  return [{ ...image.id.at, message }];
}

/** The tags that name the version of an image, by the pattern that makes it. */
function versionTags({ targets, version }: PatternImage): readonly string[] {
  return targets.flatMap(({ tags }) => tags.filter((tag) => tag.includes(version)));
}

function precedenceNote({ image, hasTags }: ReadEntry, made: PatternImage): string {
  const head = `${made.id.value} is built as ${placeOf(image)} says, not as the pattern of ${placeOf(made)} does: that entry is the whole image, with no tags, tests or arguments of the pattern.`;
  const [tag] = hasTags ? [] : versionTags(made);
  if (tag === undefined) return head;
  return `${head} It has no "tags", so it becomes "latest", where the pattern has "${tag}"; if that is not meant, write tags: ['${tag}'] there.`;
}

/**
 * The images without those that a pattern makes and that an entry of their own describes: one
 * with the same id, or with the same Dockerfile. A note says which entry took their place.
 */
export function withPrecedence(entries: readonly ReadEntry[]): {
  readonly images: readonly ImageEntry[];
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
} {
  const isMade = (image: ImageEntry): image is PatternImage => image.version !== undefined;
  const made = entries.map(({ image }) => image).filter(isMade);
  const written = entries.filter(({ image }) => !isMade(image));
  const owner = (image: ImageEntry) => written.find((one) => isFor(one, image));
  const notes = made.flatMap((image) => {
    const own = owner(image);
    return own === undefined ? [] : [precedenceNote(own, image)];
  });
  const images = entries.flatMap((one) => {
    if (isMade(one.image)) return owner(one.image) === undefined ? [one.image] : [];
    const version = made.find((image) => isFor(one, image));
    return [version === undefined ? one.image : asVersion(one, version)];
  });
  const problems = written.flatMap((one) => [...withoutName(one, made), ...forTwo(one, made)]);
  return { images, notes, problems };
}
