import { type Cache, plannedCache, splitReference, writeCache } from '../../reference/index.js';

/*
 * Parallel builds that write to one cache overwrite each other, so each image and
 * platform writes to a place of its own and reads all of them.
 */

interface CacheLocation {
  /** The attribute that names it. */
  readonly write: string;
  readonly read: string;
  readonly otherwise?: string;
  /** The place with what is put behind it; undefined where nothing can be. */
  readonly behind: (place: string, suffix: string) => string | undefined;
}

/** Several names in one attribute. */
function eachName(names: string, suffix: string): string {
  return names
    .split(';')
    .map((name) => `${name}-${suffix}`)
    .join(';');
}

function asTag(reference: string, suffix: string): string | undefined {
  const { tag, digest } = splitReference(reference);
  if (digest !== undefined) return undefined;
  return `${reference}${tag === undefined ? ':' : '-'}${suffix}`;
}

const named = { write: 'name', read: 'name', otherwise: 'buildkit', behind: eachName } as const;

/** For each type of cache that has one. */
const LOCATIONS: ReadonlyMap<string, CacheLocation> = new Map<string, CacheLocation>([
  [
    'gha',
    {
      write: 'scope',
      read: 'scope',
      otherwise: 'buildkit',
      behind: (scope, suffix) => `${scope}-${suffix}`,
    },
  ],
  ['registry', { write: 'ref', read: 'ref', behind: asTag }],
  ['local', { write: 'dest', read: 'src', behind: (path, suffix) => `${path}/${suffix}` }],
  ['s3', named],
  ['azblob', named],
]);

/** What stands behind a place of `image` on `platform`: `greeter-linux-arm64`. */
function cacheSuffix(image: string, platform: string): string {
  return `${image}-${platform}`.replace(/[^A-Za-z0-9_.-]+/g, '-');
}

function placed(cache: Cache, use: 'write' | 'read', suffix: string): Cache | undefined {
  const known = LOCATIONS.get(cache.type);
  const place = known && (cache.attributes.get(known[use]) ?? known.otherwise);
  const there = place === undefined ? undefined : known?.behind(place, suffix);
  if (known === undefined || there === undefined) return undefined;
  return { ...cache, attributes: new Map([...cache.attributes, [known[use], there]]) };
}

/** The caches of one image and platform, as `--cache-to` has them; types without a place (`inline`) stay. */
export function ownCaches(entries: readonly string[], image: string, platform: string) {
  return entries.map(plannedCache).map((cache) => {
    return writeCache(placed(cache, 'write', cacheSuffix(image, platform)) ?? cache);
  });
}

/** `--cache-from` values: what was written for the image on any of its platforms, and the entry itself. */
export function cacheFrom(entries: readonly string[], image: string, platforms: readonly string[]) {
  return entries.map(plannedCache).flatMap((cache) => {
    const own = platforms.map((platform) => placed(cache, 'read', cacheSuffix(image, platform)));
    return [...own.filter((one) => one !== undefined), cache].map(writeCache);
  });
}
