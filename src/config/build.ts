import { isAbsolute, normalize } from 'node:path';
import {
  child,
  flag,
  fromRoot,
  holdsCredentials,
  isAddress,
  type Located,
  type LocatedPath,
  located,
  locatedWords,
  optional,
  type Position,
  pairs,
  type SourceNode,
  table,
  tableOf,
  text,
  writtenPath,
} from '../document/index.js';
import { readLayout } from '../reference/index.js';
import type { BuildEntry } from './config.js';
import { readAttestation, readCacheEntries, readKeys, readSecrets } from './entries.js';
import type { ReadContext } from './read-context.js';

/** Addresses stand in the builder's arguments and in the evidence. */
function refuseCredentials(reading: ReadContext, { value, at }: Located<string>): void {
  if (!holdsCredentials(value)) return;
  const message = 'the address holds credentials, which would be recorded; give them as a secret';
  reading.problems.push({ ...at, message });
}

function readContext(
  reading: ReadContext,
  build: SourceNode | undefined,
  at: Position,
): LocatedPath {
  const written = located(build, 'context') ?? { value: '.', at };
  if (!isAddress(written.value)) {
    const path = fromRoot(reading.root, reading.folder, written.value);
    return { value: path, at: written.at, ...writtenPath(written.value) };
  }
  refuseCredentials(reading, written);
  return written;
}

function readDockerfile(
  reading: ReadContext,
  build: SourceNode | undefined,
  context: Located<string>,
): Located<string> {
  const written = located(build, 'dockerfile');
  if (isAddress(context.value)) {
    const { value, at } = written ?? { value: 'Dockerfile', at: context.at };
    // A path of this machine, as it is judged: `link/..` is where the link is.
    return { value: isAbsolute(value) ? normalize(value) : value, at };
  }
  const byFolder = written !== undefined && reading.dockerfileFrom === 'folder';
  const folder = byFolder ? reading.folder : context.value;
  const path = fromRoot(reading.root, folder, written?.value ?? 'Dockerfile');
  return { value: path, at: written?.at ?? context.at };
}

/** A build argument without a value takes the variable's of that name, or is not given at all. */
function readArgs(reading: ReadContext, build: SourceNode | undefined) {
  const given = pairs(build, 'args').flatMap(({ name, value, at }) => {
    const found = value ?? reading.find(name);
    if (typeof found === 'object' && found.refused !== undefined) {
      reading.problems.push({ ...at, message: found.refused });
    }
    return typeof found === 'string' ? [[name, found] as const] : [];
  });
  return tableOf(given);
}

function readContexts(reading: ReadContext, build: SourceNode | undefined): BuildEntry['contexts'] {
  return pairs(build, 'additional_contexts').flatMap(({ name, value, at }) => {
    if (value === undefined || value === '') {
      reading.problems.push({ ...at, message: `context "${name}" has no value` });
      return [];
    }
    refuseCredentials(reading, { value, at });
    const layout = readLayout(value);
    if (layout !== undefined && 'fault' in layout) {
      const message = `context "${name}" cannot be read: ${layout.fault}`;
      reading.problems.push({ ...at, message });
    }
    const outside = isAddress(value) || /^[a-z-]+:/.test(value);
    if (outside) return [{ name, at, value }];
    const path = fromRoot(reading.root, reading.folder, value);
    return [{ name, at, value: path, ...writtenPath(value) }];
  });
}

function readUlimits(build: SourceNode | undefined): readonly string[] {
  const value = child(build, 'ulimits');
  if (value?.kind !== 'map') return [];
  return value.entries.map(({ key, value: limit }) => {
    const soft = limit.kind === 'scalar' ? limit.text : (text(limit, 'soft') ?? '');
    const hard = text(limit, 'hard');
    return `${key}=${soft}${hard === undefined ? '' : `:${hard}`}`;
  });
}

/** Reads a validated `build`, or the scalar that is its context. */
export function readBuild(reading: ReadContext, image: SourceNode): BuildEntry {
  const written = child(image, 'build');
  const build: SourceNode | undefined =
    written?.kind === 'scalar'
      ? {
          kind: 'map',
          at: written.at,
          entries: [{ key: 'context', at: written.at, value: written }],
        }
      : written;
  const context = readContext(reading, build, build?.at ?? image.at);
  return {
    context,
    dockerfile: readDockerfile(reading, build, context),
    ...optional('target', text(build, 'target')),
    args: readArgs(reading, build),
    contexts: readContexts(reading, build),
    secrets: readSecrets(reading, build),
    ssh: readKeys(reading, build),
    labels: table(build, 'labels'),
    cacheFrom: readCacheEntries(reading, build, 'cache_from'),
    cacheTo: readCacheEntries(reading, build, 'cache_to'),
    noCache: flag(build, 'no_cache') ?? false,
    pull: flag(build, 'pull') ?? false,
    ...optional('network', located(build, 'network')),
    ...optional('shmSize', text(build, 'shm_size')),
    addHosts: pairs(build, 'extra_hosts').map(({ name, value }) =>
      value === undefined ? name : `${name}:${value}`,
    ),
    ulimits: readUlimits(build),
    ...optional('cgroupParent', located(build, 'cgroup_parent')),
    allow: locatedWords(build, 'entitlements'),
    provenance: readAttestation(reading, build, 'provenance'),
    sbom: readAttestation(reading, build, 'sbom'),
  };
}
