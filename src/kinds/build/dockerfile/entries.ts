import { normalize, posix } from 'node:path';
import {
  holdsCredentials,
  items,
  located,
  type Position,
  pairs,
  parseDuration,
  type SourceNode,
  text,
} from '../../../document/index.js';
import { nearest } from '../../../platform/index.js';
import {
  ATTESTATION_ATTRIBUTES,
  type Cache,
  cacheProblem,
  isSecretName,
  type ReadResult,
  readAttributes,
  readCaches,
  readFields,
  readSecret,
  readSsh,
  SECRET_ATTRIBUTES,
  type Secret,
  writeAttributes,
} from '../../../reference/index.js';
import { defined } from '../../../types/index.js';
import { type ReadContext, readPath } from '../../read-context.js';
import { scalarsOf, withoutCutEntries } from './cut-entries.js';
import type { CacheEntry, DockerfileEntry, SecretEntry } from './entry.js';

/* What a build says in buildx's own short forms: caches, secrets, SSH, attestations. */

/** The name of a key, which is no secret; S3 takes it beside the environment's. */
const KEY_ID = 'access_key_id';

/** A login in an address, or the signature that one to Azure's storage may have. */
function isSecretAddress(value: string): boolean {
  return holdsCredentials(value) || /^https?:\/\/.*[?&]sig=/i.test(value);
}

function recorded({ attributes }: Cache): string | undefined {
  const name = [...attributes.keys()].find((one) => one !== KEY_ID && isSecretName(one));
  if (name !== undefined) {
    return `the cache's "${name}" would be recorded; leave it out: "gha" has the job's token by itself, "s3" takes AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from the environment`;
  }
  const [address] = [...attributes].find(([, value]) => isSecretAddress(value)) ?? [];
  if (address === undefined) return undefined;
  return `the cache's "${address}" holds credentials, which would be recorded; leave them out`;
}

/**
 * A folder's path as it is judged: `link/..` is where the link is, not above where it leads.
 */
function straight(cache: Cache): Cache {
  if (cache.type !== 'local') return cache;
  const attributes = [...cache.attributes].map(
    ([name, value]) =>
      [name, name === 'src' || name === 'dest' ? normalize(value) : value] as const,
  );
  return { ...cache, attributes: new Map(attributes) };
}

/** The caches under a key, each as buildx would read it. */
export function readCacheEntries(
  { problems, fromInputs }: ReadContext,
  build: SourceNode | undefined,
  key: 'cache_from' | 'cache_to',
): readonly CacheEntry[] {
  const form = { head: 'type', isName: () => true };
  const written = withoutCutEntries(items(build, key), form, fromInputs);
  problems.push(...written.problems);
  return scalarsOf(written.items).flatMap(({ text: value, at }) => {
    const read = readCaches(value);
    if ('fault' in read) {
      // Not the text itself: it may hold a secret.
      problems.push({ ...at, message: `this cache cannot be read: ${read.fault}` });
      return [];
    }
    return read.value.flatMap((cache) => {
      const message = recorded(cache) ?? cacheProblem(cache, key, fromInputs);
      if (message === undefined) return [{ ...(fromInputs ? cache : straight(cache)), at }];
      problems.push({ ...at, message });
      return [];
    });
  });
}

/** Several entries of one id, of which the builder would take the last. */
function refuseTwice(
  { problems }: ReadContext,
  what: string,
  entries: readonly { readonly id: string; readonly at: Position }[],
): void {
  for (const [index, { id, at }] of entries.entries()) {
    if (entries.findIndex((one) => one.id === id) === index) continue;
    problems.push({ ...at, message: `${what} "${id}" is given twice; keep one of them` });
  }
}

/** SSH agents and keys. */
export function readKeys(
  reading: ReadContext,
  build: SourceNode | undefined,
): DockerfileEntry['ssh'] {
  const found = pairs(build, 'ssh').flatMap(({ name, value, at }) => {
    const read = readSsh(value === undefined ? name : `${name}=${value}`);
    if ('value' in read) return [{ ...read.value, at }];
    reading.problems.push({ ...at, message: `this SSH entry cannot be read: ${read.fault}` });
    return [];
  });
  refuseTwice(reading, 'SSH', found);
  return found;
}

/** What is written of a secret: an id, buildx's form, or a map. */
function writtenSecret(raw: SourceNode): ReadResult<Secret> {
  if (raw.kind === 'scalar') return readSecret(raw.text);
  const [own, target] = [text(raw, 'id'), text(raw, 'target')];
  if (own !== undefined && target !== undefined) {
    return { fault: 'its "id" and "target" say the same; keep one of them' };
  }
  const id = own ?? target ?? text(raw, 'source');
  if (id === undefined) return { fault: 'it has no id' };
  if (id.startsWith('/')) {
    const key = ['id', 'target', 'source'].find((name) => text(raw, name) === id);
    return {
      fault: `"${id}" under "${key}" is a path, and is to be the id that RUN --mount=type=secret names; write "${posix.basename(id)}", and the path with target= in the Dockerfile`,
    };
  }
  const env = text(raw, 'env') ?? text(raw, 'environment');
  return { value: { id, ...defined({ env, file: text(raw, 'file') }) } };
}

function readOne(reading: ReadContext, raw: SourceNode): readonly SecretEntry[] {
  const { problems } = reading;
  const read = writtenSecret(raw);
  if ('fault' in read) {
    problems.push({ ...raw.at, message: `this secret cannot be read: ${read.fault}` });
    return [];
  }
  const { id, env, file } = read.value;
  if (env !== undefined && file !== undefined) {
    const message = `secret "${id}" has both an environment variable and a file; leave one out`;
    problems.push({ ...raw.at, message });
    return [];
  }
  const path = file === undefined ? undefined : readPath(reading, file);
  return [{ id, at: raw.at, ...defined({ env, file: path }) }];
}

/** The secrets of a build. */
export function readSecrets(
  reading: ReadContext,
  build: SourceNode | undefined,
): readonly SecretEntry[] {
  const isName = (name: string) => SECRET_ATTRIBUTES.some((known) => known === name);
  const form = { head: 'id', isName };
  const written = withoutCutEntries(items(build, 'secrets'), form, reading.fromInputs);
  reading.problems.push(...written.problems);
  const found = written.items.flatMap((item) => readOne(reading, item));
  refuseTwice(reading, 'secret', found);
  return found;
}

/** The limit of the build's time, in milliseconds. */
export function readTimeout(build: SourceNode | undefined): { readonly timeout?: number } {
  return defined({ timeout: parseDuration(text(build, 'timeout') ?? '') });
}

const ATTESTATIONS = {
  provenance: {
    implied: 'mode=min',
    plain: 'mode=min',
    expected: 'true, false, mode=min or mode=max',
    words: new Map([
      ['min', 'mode=min'],
      ['max', 'mode=max'],
    ]),
  },
  sbom: {
    implied: 'false',
    plain: 'true',
    expected: 'true, false or generator=IMAGE',
    words: new Map<string, string>(),
  },
} as const;

/** Other words for what an attestation may be. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ...['yes', 'on', 'y', '1'].map((word) => [word, 'true'] as const),
  ...['no', 'off', 'n', '0', 'none', 'disabled'].map((word) => [word, 'false'] as const),
]);

/** What is wrong with a text without NAME=VALUE; undefined of others. */
function wordFault(text: string, key: keyof typeof ATTESTATIONS): string | undefined {
  if (text.includes('=')) return undefined;
  const { expected, words } = ATTESTATIONS[key];
  const word = text.trim().toLowerCase();
  const meant = words.get(word) ?? SWITCHES.get(word);
  const hint = meant === undefined ? '' : `; write ${meant}`;
  return `"${key}" is ${expected}, found ${JSON.stringify(text.slice(0, 40))}${hint}`;
}

/** `true`, `false`, or attributes; the type is the key's, and buildx would take another one. */
export function readAttestation(
  { problems, fromInputs }: ReadContext,
  build: SourceNode | undefined,
  key: keyof typeof ATTESTATIONS,
): string {
  const { implied, plain } = ATTESTATIONS[key];
  const written = located(build, key);
  if (written === undefined) return implied;
  const { value, at } = written;
  if (/^true$/i.test(value)) return plain;
  if (/^false$/i.test(value)) return 'false';
  // Its shape has refused it.
  if (value.trim() === '') return implied;
  const fault = wordFault(value, key);
  if (fault !== undefined) {
    problems.push({ ...at, message: fault });
    return implied;
  }
  const fields = readFields(value);
  const read = 'fault' in fields ? fields : readAttributes(fields.value);
  if ('fault' in read) {
    problems.push({ ...at, message: `"${key}" cannot be read: ${read.fault}` });
    return implied;
  }
  const known = ATTESTATION_ATTRIBUTES[key];
  for (const name of read.value.keys()) {
    if (known.includes(name) || (fromInputs && name !== 'type')) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? `there are: ${known.join(', ')}` : `did you mean "${near}"?`;
    problems.push({ ...at, message: `"${key}" has no attribute "${name}" here; ${hint}` });
  }
  return writeAttributes(read.value);
}
