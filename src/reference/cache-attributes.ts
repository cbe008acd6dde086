import type { Cache } from './cache.js';

/** Of every type: BuildKit itself reads them, where a cache is written. */
const COMMON = ['ignore-error', 'mode'];

const COMPRESSION = ['compression', 'compression-level', 'force-compression'];

const MANIFEST = ['image-manifest', 'oci-mediatypes'];

const BUCKET = ['blobs_prefix', 'manifests_prefix', 'name', 'prefix'];

/**
 * What a configuration file may say of a cache, by its type (BuildKit, cache/remotecache and
 * client/solve.go). Left out is what takes the job's token or a login elsewhere.
 */
export const CACHE_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  azblob: [...COMMON, ...BUCKET, 'account_name', 'account_url', 'container'],
  gha: [...COMMON, 'scope', 'timeout'],
  inline: COMMON,
  local: [...COMMON, ...COMPRESSION, ...MANIFEST, 'dest', 'digest', 'reset', 'src', 'tag'],
  registry: [...COMMON, ...COMPRESSION, ...MANIFEST, 'ref'],
  s3: [
    ...[...COMMON, ...BUCKET, 'access_key_id', 'bucket', 'disable_accept_encoding'],
    ...['endpoint_url', 'region', 'retry_max_attempts', 'retry_mode', 'touch_refresh'],
    ...['upload_parallelism', 'use_path_style'],
  ],
};

/** What of a cache's attributes a file may not say, and why. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  gha: ['ghtoken', 'repository', 'token', 'url', 'url_v2', 'version'],
  registry: ['registry.insecure'],
};

const WHY: Readonly<Record<string, string>> = {
  gha: "would send the job's token to another service than the job's own cache; leave it out, or set it in the workflow's inputs cache-from and cache-to",
  registry:
    "would send a login unencrypted; name the registry as insecure in the engine's or BuildKit's configuration",
};

/** The attribute without which buildx does not begin. */
const NEEDED: Readonly<Record<string, Readonly<Record<'cache_from' | 'cache_to', string>>>> = {
  local: { cache_from: 'src', cache_to: 'dest' },
  registry: { cache_from: 'ref', cache_to: 'ref' },
};

function judgeAttribute(type: string, name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined;
  if (REFUSED[type]?.includes(name)) return `the cache's "${name}" ${WHY[type]}`;
  return `a cache of type ${type} has no attribute "${name}" here; there are: ${[...known].sort().join(', ')}`;
}

/**
 * What is wrong with a cache under a key. The workflow's own inputs may say more than is
 * known here.
 */
export function cacheProblem(
  { type, attributes }: Cache,
  key: 'cache_from' | 'cache_to',
  fromInputs: boolean,
): string | undefined {
  const known = Object.hasOwn(CACHE_ATTRIBUTES, type) ? CACHE_ATTRIBUTES[type] : undefined;
  if (known === undefined) {
    if (fromInputs) return undefined;
    const types = Object.keys(CACHE_ATTRIBUTES).join(', ');
    return `${JSON.stringify(type)} is not a type of cache; there are: ${types}`;
  }
  const [wrong] = fromInputs
    ? []
    : [...attributes.keys()].flatMap((name) => judgeAttribute(type, name, known) ?? []);
  if (wrong !== undefined) return wrong;
  const mode = attributes.get('mode') ?? 'min';
  // BuildKit takes any other for one of them, without a word.
  if (!/^(min|max)$/i.test(mode))
    return `${JSON.stringify(mode)} is not a mode; there are: min, max`;
  const needed = NEEDED[type]?.[key];
  if (needed !== undefined && !attributes.get(needed)) {
    return `a cache of type ${type} has no "${needed}"`;
  }
  // BuildKit would refuse it as no reference, in the middle of a build.
  const [scheme] = /^[a-z]+:\/\//i.exec(attributes.get('ref') ?? '') ?? [];
  if (type !== 'registry' || scheme === undefined) return undefined;
  return `the cache's "ref" is ${JSON.stringify(attributes.get('ref'))}; leave out ${scheme}`;
}
