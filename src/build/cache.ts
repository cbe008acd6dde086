/*
 * Cache references in the CSV form of `--cache-from` and `--cache-to`
 * (`type=gha,scope=x`, `type=registry,ref=r`, or a bare reference). Parallel builds
 * that write to one place overwrite each other, so each image and platform
 * writes to a place of its own and reads all of them.
 */

/** The attribute that names the place, for each type that has one. */
const PLACE: ReadonlyMap<
  string,
  { readonly write: string; readonly read: string; readonly join: string }
> = new Map([
  ['gha', { write: 'scope', read: 'scope', join: '-' }],
  ['registry', { write: 'ref', read: 'ref', join: '-' }],
  ['local', { write: 'dest', read: 'src', join: '/' }],
  ['s3', { write: 'name', read: 'name', join: '-' }],
  ['azblob', { write: 'name', read: 'name', join: '-' }],
]);

const DEFAULT_PLACE: ReadonlyMap<string, string> = new Map([
  ['gha', 'buildkit'],
  ['s3', 'buildkit'],
  ['azblob', 'buildkit'],
]);

function parse(entry: string): Map<string, string> {
  if (!entry.includes('='))
    return new Map([
      ['type', 'registry'],
      ['ref', entry],
    ]);
  return new Map(
    entry.split(',').map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)] as const;
    }),
  );
}

function format(fields: ReadonlyMap<string, string>): string {
  return [...fields].map(([key, value]) => `${key}=${value}`).join(',');
}

/** What stands behind a place of `image` on `platform`: `greeter-linux-arm64`. */
function cacheSuffix(image: string, platform: string): string {
  return `${image}-${platform}`.replace(/[^A-Za-z0-9_.-]+/g, '-');
}

function suffixed(place: string, suffix: string, join: string, type: string): string {
  if (type !== 'registry') return `${place}${join}${suffix}`;
  const tagAt = place.lastIndexOf(':');
  return tagAt > place.lastIndexOf('/') ? `${place}${join}${suffix}` : `${place}:${suffix}`;
}

function placed(entry: string, use: 'write' | 'read', suffix: string): string | undefined {
  const fields = parse(entry);
  const type = fields.get('type') ?? 'registry';
  const known = PLACE.get(type);
  const place = known && (fields.get(known[use]) ?? DEFAULT_PLACE.get(type));
  if (known === undefined || place === undefined) return undefined;
  return format(fields.set(known[use], suffixed(place, suffix, known.join, type)));
}

/** `--cache-to` values for one image and platform; types without a place (`inline`) stay. */
export function cacheTo(entries: readonly string[], image: string, platform: string) {
  return entries.map((entry) => placed(entry, 'write', cacheSuffix(image, platform)) ?? entry);
}

/** `--cache-from` values: what was written for the image on any of its platforms, and the entry itself. */
export function cacheFrom(entries: readonly string[], image: string, platforms: readonly string[]) {
  return entries.flatMap((entry) => {
    const own = platforms.map((platform) => placed(entry, 'read', cacheSuffix(image, platform)));
    return [...own.filter((value) => value !== undefined), entry];
  });
}
