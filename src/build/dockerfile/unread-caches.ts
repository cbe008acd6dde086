import { type Finding, finding } from '../../evidence/index.js';
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

/** Without what says no more than that it was a cache, and without the reference once more. */
function reason(error: string): string {
  return error
    .replace(/^failed to configure \S+ cache importer: /, '')
    .replace(/^\S+: not found$/, 'not found');
}
