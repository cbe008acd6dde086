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

/** What is known of the places to which other images wrote. */
export interface KnownCaches {
  /** The ids of all images of the configuration. */
  readonly ids: readonly string[];
  /** Tags of the repository of a reference, by the reference. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  /** Folders with a cache in a local one, by its path; the empty name is itself. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
}

const NOTHING: KnownCaches = { ids: [], tags: new Map(), folders: new Map() };

/** Places of others that a build reads: each is a question to a registry or a cache service. */
const MOST_OTHERS = 8;

/** What stands behind the place of a cache where others wrote, or may have written. */
function suffixesOfOthers(
  { type, attributes }: Cache,
  platform: string,
  { ids, tags, folders }: KnownCaches,
): readonly string[] {
  const reference = type === 'registry' ? attributes.get('ref') : undefined;
  const found = reference === undefined ? undefined : tags.get(reference);
  if (reference !== undefined && found !== undefined) {
    const { tag } = splitReference(reference);
    const head = tag === undefined ? '' : `${tag}-`;
    return found.flatMap((one) => (one.startsWith(head) ? [one.slice(head.length)] : []));
  }
  const inside = type === 'local' ? folders.get(attributes.get('src') ?? '') : undefined;
  return inside ?? ids.map((id) => cacheSuffix(id, platform));
}

/**
 * `--cache-from` values for one platform of an image: what was written for the image on any of
 * its platforms, the entry itself, and what others wrote under it for this platform.
 */
export function cacheFrom(
  entries: readonly string[],
  { id, platforms }: { readonly id: string; readonly platforms: readonly string[] },
  platform: string,
  known: KnownCaches = NOTHING,
): readonly string[] {
  return entries.flatMap((entry) => cachePlaces(entry, { id, platforms }, platform, known));
}

/** The same of one entry. */
export function cachePlaces(
  entry: string,
  { id, platforms }: { readonly id: string; readonly platforms: readonly string[] },
  platform: string,
  known: KnownCaches = NOTHING,
): readonly string[] {
  const cache = plannedCache(entry);
  const own = platforms.map((one) => cacheSuffix(id, one));
  const end = cacheSuffix('', platform);
  const others = suffixesOfOthers(cache, platform, known)
    .filter((suffix) => suffix.endsWith(end) && !own.includes(suffix))
    .slice(0, MOST_OTHERS);
  const at = (suffixes: readonly string[]) =>
    suffixes.map((suffix) => placed(cache, 'read', suffix)).filter((one) => one !== undefined);
  const all = [...at(own), cache, ...at(others)];
  return all.filter((one) => isThere(one, cache, known)).map(writeCache);
}

/** A folder that holds no cache is not read: BuildKit would make one. */
function isThere(place: Cache, { type, attributes }: Cache, { folders }: KnownCaches): boolean {
  const src = attributes.get('src') ?? '';
  const inside = type === 'local' ? folders.get(src) : undefined;
  if (inside === undefined) return true;
  const written = place.attributes.get('src') ?? '';
  return inside.includes(written === src ? '' : written.slice(src.length + 1));
}
