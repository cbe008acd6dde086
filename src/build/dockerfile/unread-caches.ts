import { type Finding, finding } from '../../evidence/index.js';
import { type Cache, plannedCache } from '../../reference/index.js';
import { cachePlaces } from './cache.js';
import type { DockerfileOrder } from './command.js';
import type { BuildProgress } from './progress.js';

function referenceOf({ attributes }: Cache): string {
  return attributes.get('ref') ?? '';
}

/** A build, as far as it reads caches. */
type CacheReader = Pick<DockerfileOrder, 'image' | 'platform' | 'knownCaches' | 'refusedCaches'>;

/** An entry of a build's caches in a registry, and where the build looks for it. */
interface ReadCache {
  readonly reference: string;
  readonly places: readonly string[];
  /** It is said already that it cannot be read. */
  readonly refused: boolean;
}

function entriesOf(order: CacheReader): readonly ReadCache[] {
  const { image, platform, knownCaches, refusedCaches } = order;
  return image.build.cacheFrom.flatMap((entry) => {
    const cache = plannedCache(entry);
    if (cache.type !== 'registry') return [];
    const reference = referenceOf(cache);
    const places = cachePlaces(entry, image, platform, knownCaches).map(plannedCache);
    const refused = refusedCaches?.has(reference) ?? false;
    return [{ reference, places: places.map(referenceOf), refused }];
  });
}

/** The note about caches that a build which failed had to do without, if there are any. */
export function cacheUnread(order: CacheReader, progress: BuildProgress): readonly Finding[] {
  const said = new Set(entriesOf(order).flatMap(({ places, refused }) => (refused ? places : [])));
  const unread = progress
    .unreadCaches()
    .filter(({ cache }) => !said.has(cache))
    .map(({ cache, error }) => `${cache}: ${reason(error)}`);
  if (unread.length === 0) return [];
  const message = 'A cache could not be read; the build continued without it.';
  return [finding('cache-unread', subjectOf(order), message, { detail: unread.sort() })];
}

/**
 * Notes about entries of a build that succeeded and of which no place could be read, neither
 * the entry's own nor one of this image or others.
 */
export function entriesUnread(order: CacheReader, progress: BuildProgress): readonly Finding[] {
  const unread = new Map(progress.unreadCaches().map(({ cache, error }) => [cache, error]));
  return entriesOf(order).flatMap(({ reference, places, refused }) => {
    if (refused || !places.every((place) => unread.has(place))) return [];
    const detail = places.map((one) => `${one}: ${reason(unread.get(one) ?? '')}`);
    const message = `The cache ${reference} could not be read; the build did without it.`;
    return [finding('cache-unread', subjectOf(order), message, { detail })];
  });
}

function subjectOf({ image, platform }: CacheReader): Finding['subject'] {
  return { image: image.id, platform };
}

/** Without what says no more than that it was a cache, and without the reference once more. */
function reason(error: string): string {
  return error
    .replace(/^failed to configure \S+ cache importer: /, '')
    .replace(/^\S+: not found$/, 'not found');
}
