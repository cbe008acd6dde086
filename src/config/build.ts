import type { Problem } from '../evidence/index.js';
import type { BuildConfig, Said, SaidPath, SecretConfig } from './config.js';
import { fromRoot, isAddress, writtenPath } from './paths.js';
import { type At, child, type Raw } from './raw.js';
import { flag, items, pairs, said, saidWords, table, tableOf, text } from './values.js';
import type { Lookup } from './variables.js';

export interface Reading {
  /** Absolute. */
  readonly root: string;
  /** The folder that paths start from, relative to the root. */
  readonly folder: string;
  readonly find: Lookup;
  /** A Dockerfile's path starts at the context (a Compose file) or at the folder (the inputs). */
  readonly dockerfileFrom: 'context' | 'folder';
  readonly problems: Problem[];
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

/** Addresses and caches stand in the builder's arguments and in the evidence. */
function refuseCredentials(reading: Reading, { value, at }: Said<string>): void {
  if (!/^[a-z+]+:\/\/[^/@]+@/.test(value) || value.startsWith('ssh://')) return;
  const message = 'the address holds credentials, which would be recorded; give them as a secret';
  reading.problems.push({ ...at, message });
}

/** Attributes of BuildKit's caches (gha, s3, azblob) that are secrets. */
const SECRET_ATTRIBUTE = /(?:^|,)\s*"?(token|ghtoken|secret_access_key|session_token)\s*=/i;

function readCaches(reading: Reading, build: Raw | undefined, key: string): readonly string[] {
  return saidWords(build, key).map(({ value, at }) => {
    const [, name] = SECRET_ATTRIBUTE.exec(value) ?? [];
    if (name !== undefined) {
      const message = `the cache's "${name}" would be recorded; leave it out: "gha" has the job's token by itself, "s3" takes AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from the environment`;
      reading.problems.push({ ...at, message });
    }
    return value;
  });
}

function readContext(reading: Reading, build: Raw | undefined, at: At): SaidPath {
  const written = said(build, 'context') ?? { value: '.', at };
  if (!isAddress(written.value)) {
    const path = fromRoot(reading.root, reading.folder, written.value);
    return { value: path, at: written.at, ...writtenPath(written.value) };
  }
  refuseCredentials(reading, written);
  return written;
}

function readDockerfile(
  reading: Reading,
  build: Raw | undefined,
  context: Said<string>,
): Said<string> {
  const written = said(build, 'dockerfile');
  if (isAddress(context.value)) return written ?? { value: 'Dockerfile', at: context.at };
  const byFolder = written !== undefined && reading.dockerfileFrom === 'folder';
  const folder = byFolder ? reading.folder : context.value;
  const path = fromRoot(reading.root, folder, written?.value ?? 'Dockerfile');
  return { value: path, at: written?.at ?? context.at };
}

/** A build argument without a value takes the variable's of that name, or is not given at all. */
function readArgs(reading: Reading, build: Raw | undefined) {
  const given = pairs(build, 'args').flatMap(({ name, value, at }) => {
    const found = value ?? reading.find(name);
    if (typeof found === 'object' && found.refused !== undefined) {
      reading.problems.push({ ...at, message: found.refused });
    }
    return typeof found === 'string' ? [[name, found] as const] : [];
  });
  return tableOf(given);
}

const SOURCES = new Map([
  ['env', 'env'],
  ['src', 'file'],
  ['source', 'file'],
  ['file', 'file'],
  ['id', 'id'],
]);

/** BuildKit's own form, `id=token,env=TOKEN` or `id=token,src=path`. */
function parseSecret(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const [name = '', ...value] = part.split('=');
    const field = SOURCES.get(name.trim());
    if (field !== undefined) fields.set(field, value.join('='));
    else if (name.trim() !== 'type') return undefined;
  }
  return fields.has('id') ? fields : undefined;
}

function readSecret(reading: Reading, raw: Raw): readonly SecretConfig[] {
  const short = raw.kind === 'scalar' && !raw.text.includes('=') ? raw.text : undefined;
  const fields = raw.kind === 'scalar' && short === undefined ? parseSecret(raw.text) : undefined;
  const env = text(raw, 'env') ?? text(raw, 'environment') ?? fields?.get('env');
  const file = text(raw, 'file') ?? fields?.get('file');
  const id = text(raw, 'id') ?? text(raw, 'source') ?? fields?.get('id') ?? short;
  if (id === undefined || (env !== undefined && file !== undefined)) {
    const message =
      id === undefined
        ? 'a secret is an id, or id=ID,env=NAME, or id=ID,src=PATH'
        : `secret "${id}" has both an environment variable and a file; leave one out`;
    reading.problems.push({ ...raw.at, message });
    return [];
  }
  const path = file === undefined ? undefined : fromRoot(reading.root, reading.folder, file);
  return [{ id, at: raw.at, ...optional('env', env), ...optional('file', path) }];
}

function readContexts(reading: Reading, build: Raw | undefined): BuildConfig['contexts'] {
  return pairs(build, 'additional_contexts').flatMap(({ name, value, at }) => {
    if (value === undefined || value === '') {
      reading.problems.push({ ...at, message: `context "${name}" has no value` });
      return [];
    }
    refuseCredentials(reading, { value, at });
    const outside = isAddress(value) || /^[a-z-]+:/.test(value);
    if (outside) return [{ name, at, value }];
    const path = fromRoot(reading.root, reading.folder, value);
    return [{ name, at, value: path, ...writtenPath(value) }];
  });
}

function readUlimits(build: Raw | undefined): readonly string[] {
  const value = child(build, 'ulimits');
  if (value?.kind !== 'map') return [];
  return value.entries.map(({ key, value: limit }) => {
    const soft = limit.kind === 'scalar' ? limit.text : (text(limit, 'soft') ?? '');
    const hard = text(limit, 'hard');
    return `${key}=${soft}${hard === undefined ? '' : `:${hard}`}`;
  });
}

function attestation(value: string | undefined, implied: string, whenTrue: string): string {
  if (value === undefined) return implied;
  if (/^true$/i.test(value)) return whenTrue;
  return /^false$/i.test(value) ? 'false' : value;
}

/** Reads a validated `build`, or the scalar that is its context. */
export function readBuild(reading: Reading, image: Raw): BuildConfig {
  const written = child(image, 'build');
  const build: Raw | undefined =
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
    secrets: items(build, 'secrets').flatMap((item) => readSecret(reading, item)),
    ssh: pairs(build, 'ssh').map(({ name, value, at }) => ({
      at,
      value: value === undefined ? name : `${name}=${value}`,
    })),
    labels: table(build, 'labels'),
    cacheFrom: readCaches(reading, build, 'cache_from'),
    cacheTo: readCaches(reading, build, 'cache_to'),
    noCache: flag(build, 'no_cache') ?? false,
    pull: flag(build, 'pull') ?? false,
    ...optional('network', said(build, 'network')),
    ...optional('shmSize', text(build, 'shm_size')),
    addHosts: pairs(build, 'extra_hosts').map(({ name, value }) =>
      value === undefined ? name : `${name}:${value}`,
    ),
    ulimits: readUlimits(build),
    ...optional('cgroupParent', text(build, 'cgroup_parent')),
    allow: saidWords(build, 'entitlements'),
    provenance: attestation(text(build, 'provenance'), 'mode=min', 'mode=min'),
    sbom: attestation(text(build, 'sbom'), 'false', 'true'),
  };
}
