import {
  flag,
  isAddress,
  type LocatedPath,
  type Position,
  type SourceNode,
  writeDuration,
} from '../../../document/index.js';
import type { BuildpackPlan } from '../../../evidence/index.js';
import { nearest } from '../../../platform/index.js';
import { parseReference } from '../../../reference/index.js';
import type { ReadContext } from '../../read-context.js';
import { readCacheEntries, readSecrets, readTimeout } from '../dockerfile/entries.js';
import type { CacheEntry, SecretEntry } from '../dockerfile/entry.js';
import { readContext } from '../dockerfile/sources.js';
import type { BuildpackEntry } from './entry.js';
import { readBuildpackKeys, writeBuildpackKeys } from './keys.js';
import { unfitKeys } from './unfit.js';

/** The application's folder; pack reads no addresses. */
function readFolder(
  context: ReadContext,
  build: SourceNode | undefined,
  at: Position,
): LocatedPath {
  const folder = readContext({ ...context, problems: [] }, build, at);
  if (isAddress(folder.value)) {
    const message =
      'the context is an address; buildpacks build a folder: check the repository out first, and name its folder';
    context.problems.push({ ...folder.at, message });
  }
  return folder;
}

/** What the lifecycle can do with a cache: keep it as an image in a registry. */
function cacheFault(
  { type, attributes }: CacheEntry,
  key: 'cache_from' | 'cache_to',
): string | undefined {
  if (type !== 'registry') {
    return `a build with buildpacks has no cache of type ${type}; use type=registry, or leave it out: between runs on one machine the cache is kept in a volume`;
  }
  const known = key === 'cache_to' ? ['ref', 'ignore-error'] : ['ref'];
  const more = [...attributes.keys()].filter((name) => !known.includes(name));
  if (more.length > 0) return `a cache of a build with buildpacks has a "ref" and no "${more[0]}"`;
  const parsed = parseReference(attributes.get('ref') ?? '');
  if (!parsed.ok) return `this cache is no place in a registry: ${parsed.problem.message}`;
  return parsed.reference.digest === undefined
    ? undefined
    : `the cache "${attributes.get('ref')}" is named by its digest, behind which nothing can be put; name a tag, or none: image and platform are put behind it`;
}

function readCaches(
  context: ReadContext,
  build: SourceNode | undefined,
  key: 'cache_from' | 'cache_to',
): readonly CacheEntry[] {
  return readCacheEntries(context, build, key).filter((cache) => {
    const message = cacheFault(cache, key);
    if (message !== undefined) context.problems.push({ ...cache.at, message });
    return message === undefined;
  });
}

/** Secrets that no binding holds, and bindings of secrets that there are not. */
function judgeSecrets(
  { problems }: ReadContext,
  secrets: readonly SecretEntry[],
  bindings: BuildpackEntry['bindings'],
): void {
  const ids = secrets.map(({ id }) => id);
  const entries = bindings.flatMap(({ name, entries }) =>
    entries.map((entry) => ({ ...entry, binding: name })),
  );
  for (const { binding, key, secret, at } of entries) {
    if (ids.includes(secret)) continue;
    const near = nearest(secret, ids);
    const hint =
      near === undefined ? 'name it under "secrets" of "build"' : `did you mean "${near}"?`;
    const message = `"${key}" of binding "${binding}" is the secret "${secret}", which the build does not have; ${hint}`;
    problems.push({ ...at, message });
  }
  for (const { id, at } of secrets) {
    if (entries.some(({ secret }) => secret === id)) continue;
    const message = `no binding holds the secret "${id}": name it in an entry of "bindings" under "buildpack"; a build with buildpacks gets its secrets so and in no other way`;
    problems.push({ ...at, message });
  }
}

/** pack leaves these out without a word where "buildpacks" stands beside them. */
function judgeOrder(
  { problems }: ReadContext,
  { buildpacks, preBuildpacks, postBuildpacks }: ReturnType<typeof readBuildpackKeys>,
): void {
  if (buildpacks.length === 0) return;
  for (const { at } of [...preBuildpacks.slice(0, 1), ...postBuildpacks.slice(0, 1)]) {
    const message =
      '"pre-buildpacks" and "post-buildpacks" are added to the builder\'s order, which "buildpacks" replaces; name all of them under "buildpacks"';
    problems.push({ ...at, message });
  }
}

/** Reads the validated `build` of an image that buildpacks build; `at` is where the build is written. */
export function readBuildpackBuild(
  build: SourceNode | undefined,
  buildpack: SourceNode,
  context: ReadContext,
  at: Position,
): BuildpackEntry {
  context.problems.push(...unfitKeys(build, context.fromInputs));
  const keys = readBuildpackKeys(buildpack, context);
  const secrets = readSecrets(context, build);
  judgeSecrets(context, secrets, keys.bindings);
  judgeOrder(context, keys);
  return {
    ...keys,
    context: readFolder(context, build, at),
    ...readTimeout(build),
    clearCache: keys.clearCache || (flag(build, 'no_cache') ?? false),
    secrets,
    cacheFrom: readCaches(context, build, 'cache_from'),
    cacheTo: readCaches(context, build, 'cache_to'),
  };
}

/** A build with buildpacks as sea-trial.yml says it. */
export function writeBuildpackBuild(plan: BuildpackPlan): Readonly<Record<string, unknown>> {
  const { context, timeout, secrets, cacheFrom, cacheTo } = plan;
  const keys = writeBuildpackKeys(plan);
  const [, ...more] = Object.keys(keys);
  return {
    ...(context === '.' ? {} : { context }),
    buildpack: more.length === 0 ? plan.builder : keys,
    ...(timeout === undefined ? {} : { timeout: writeDuration(timeout) }),
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(cacheFrom.length === 0 ? {} : { cache_from: cacheFrom }),
    ...(cacheTo.length === 0 ? {} : { cache_to: cacheTo }),
  };
}
