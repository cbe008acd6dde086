import { type Finding, finding } from '../../evidence/index.js';
import { plannedCache } from '../../reference/index.js';
import { cachePlaces } from './cache.js';
import type { DockerfileOrder } from './command.js';
import type { BuildProgress } from './progress.js';

/** The note about caches that a build which failed had to do without, if there are any. */
export function cacheUnread(
  subject: Finding['subject'],
  progress: BuildProgress,
): readonly Finding[] {
  const unread = progress.unreadCaches().map(({ cache, error }) => `${cache}: ${reason(error)}`);
  if (unread.length === 0) return [];
  const message = 'A cache could not be read; the build continued without it.';
  return [finding('cache-unread', subject, message, { detail: unread.sort() })];
}

/**
 * Notes about entries of a build that succeeded and of which no place could be read, neither
 * the entry's own nor one of this image or others.
 */
export function entriesUnread(order: DockerfileOrder, progress: BuildProgress): readonly Finding[] {
  const { image, platform, knownCaches } = order;
  const unread = new Map(progress.unreadCaches().map(({ cache, error }) => [cache, error]));
  return image.build.cacheFrom.flatMap((entry) => {
    const places = cachePlaces(entry, image, platform, knownCaches).map(plannedCache);
    const references = places.map(({ attributes }) => attributes.get('ref') ?? '');
    if (plannedCache(entry).type !== 'registry') return [];
    if (!references.every((reference) => unread.has(reference))) return [];
    const detail = references.map((one) => `${one}: ${reason(unread.get(one) ?? '')}`);
    const reference = plannedCache(entry).attributes.get('ref') ?? '';
    const message = `The cache ${reference} could not be read; the build did without it.`;
    return [finding('cache-unread', { image: image.id, platform }, message, { detail })];
  });
}

/** Without what says no more than that it was a cache, and without the reference once more. */
function reason(error: string): string {
  return error
    .replace(/^failed to configure \S+ cache importer: /, '')
    .replace(/^\S+: not found$/, 'not found');
}
