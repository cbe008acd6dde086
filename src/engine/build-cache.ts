import { createHash } from 'node:crypto';

/** Whose cache a volume holds. */
export interface BuildCache {
  /** The repository, or where there is none the folder: two of them share no cache. */
  readonly owner: string;
  readonly image: string;
  readonly platform: string;
  /** What an untrusted run has written no trusted one reads. */
  readonly untrusted: boolean;
}

const PREFIX = 'sea-trial-cache-';

/** What matches the names of such volumes, among others, for docker's filter `name`. */
export const CACHE_VOLUMES = `^${PREFIX}`;

/** The name of the volume that holds a cache from run to run; it shows nothing of its owner. */
export function cacheVolume({ owner, image, platform, untrusted }: BuildCache): string {
  const text = JSON.stringify([owner, image, platform, untrusted]);
  return `${PREFIX}${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** Whether a volume of that name is such a cache. */
export function isCacheVolume(name: string): boolean {
  return /^[0-9a-f]{32}$/.test(name.slice(PREFIX.length)) && name.startsWith(PREFIX);
}

/** What `docker volume ls` shows of it. */
export function cacheLabels({ image, platform }: BuildCache): Readonly<Record<string, string>> {
  return { 'sea-trial.cache': `${image} ${platform}` };
}
