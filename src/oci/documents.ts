import { isDigest } from '../reference/index.js';
import { defined } from '../types/index.js';
import { type Fields, fieldsOf, isObject, parseObject } from './json.js';
import { isIndexType, isManifestType, mediaTypes } from './media-types.js';

/** A platform as a descriptor or a config writes it, not normalised. */
export interface WrittenPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** A descriptor as read (OCI image-spec, descriptor.md). Sizes are bytes. */
export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: WrittenPlatform;
  readonly artifactType?: string;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface Manifest {
  readonly kind: 'manifest';
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
  readonly subject?: OciDescriptor;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface Index {
  readonly kind: 'index';
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly manifests: readonly OciDescriptor[];
  readonly subject?: OciDescriptor;
  readonly annotations: ReadonlyMap<string, string>;
}

/** What was read, undefined where nothing could be, and a sentence for each thing that is wrong. */
export interface Parsed<T> {
  readonly value: T | undefined;
  readonly problems: readonly string[];
}

/** Far above what any image has; keeps work on a hostile document small. */
const MANY = 4096;

function platformOf(fields: Fields): WrittenPlatform | undefined {
  const object = fields.object('platform');
  if (object === undefined) return undefined;
  const inner = fieldsOf(object, 'platform');
  const variant = inner.text('variant');
  const platform = {
    os: inner.text('os') ?? '',
    architecture: inner.text('architecture') ?? '',
    ...defined({ variant: variant || undefined }),
  };
  for (const problem of inner.problems) fields.wrong(problem);
  return platform;
}

/** Reads one descriptor; `what` names it in problems. */
export function parseDescriptor(value: unknown, what: string): Parsed<OciDescriptor> {
  if (!isObject(value)) return { value: undefined, problems: [`${what} is not a descriptor`] };
  const fields = fieldsOf(value, what);
  const mediaType = fields.text('mediaType');
  const digest = fields.text('digest');
  const size = fields.whole('size');
  const platform = platformOf(fields);
  const artifactType = fields.text('artifactType');
  const annotations = fields.table('annotations');
  if (mediaType === undefined) fields.wrong('it has no mediaType');
  if (!isDigest(digest)) fields.wrong(`"${digest ?? ''}" is not a digest`);
  if (size === undefined || size < 0) fields.wrong('it has no size');
  const { problems } = fields;
  if (mediaType === undefined || !isDigest(digest) || size === undefined || size < 0) {
    return { value: undefined, problems };
  }
  const more = defined({ platform, artifactType });
  return { value: { mediaType, digest, size, ...more, annotations }, problems };
}

function descriptors(
  fields: Fields,
  key: string,
  what: string,
  problems: string[],
): OciDescriptor[] {
  const list = fields.list(key);
  if (list.length > MANY) fields.wrong(`"${key}" has ${list.length} members; ${MANY} are read`);
  return list.slice(0, MANY).flatMap((value, at) => {
    const parsed = parseDescriptor(value, `${what}, ${key}[${at}]`);
    problems.push(...parsed.problems);
    return parsed.value === undefined ? [] : [parsed.value];
  });
}

function common(fields: Fields, what: string, problems: string[]) {
  const mediaType = fields.text('mediaType');
  const artifactType = fields.text('artifactType');
  const written = fields.object('subject');
  const subject = written && parseDescriptor(written, `${what}, subject`);
  if (subject !== undefined) problems.push(...subject.problems);
  if (fields.whole('schemaVersion') !== 2) fields.wrong('"schemaVersion" is not 2');
  return {
    ...defined({ mediaType, artifactType, subject: subject?.value }),
    annotations: fields.table('annotations'),
  };
}

/**
 * Reads the bytes of an image manifest or an index, at most 4 MiB; which one it
 * is, its mediaType says, or its shape where it has none. `what` names it in
 * problems. Throws an OciError where the bytes are no JSON object.
 */
export function parseManifest(bytes: Uint8Array, what: string): Parsed<Manifest | Index> {
  const object = parseObject(bytes, what);
  const fields = fieldsOf(object, what);
  const problems: string[] = [];
  const shared = common(fields, what, problems);
  const type = shared.mediaType ?? '';
  const isIndex =
    isIndexType(type) || (!isManifestType(type) && Object.hasOwn(object, 'manifests'));
  let value: Manifest | Index | undefined;
  if (isIndex) {
    value = {
      kind: 'index',
      ...shared,
      manifests: descriptors(fields, 'manifests', what, problems),
    };
  } else {
    const config = parseDescriptor(fields.object('config'), `${what}, config`);
    problems.push(...config.problems);
    const layers = descriptors(fields, 'layers', what, problems);
    if (config.value) value = { kind: 'manifest', ...shared, config: config.value, layers };
  }
  return { value, problems: [...fields.problems, ...problems] };
}

/**
 * Whether a descriptor of an index is one of BuildKit's attestation manifests: by the
 * platform `unknown/unknown`; without a platform, by its annotation or its artifact type.
 * What has a platform is pulled for that, whatever else it is called.
 */
export function isAttestation({ platform, annotations, artifactType }: OciDescriptor): boolean {
  if (platform !== undefined)
    return platform.os === 'unknown' && platform.architecture === 'unknown';
  return (
    annotations.get('vnd.docker.reference.type') === 'attestation-manifest' ||
    artifactType === mediaTypes.attestationManifest
  );
}

/** The digest of the manifest that an attestation manifest is about, by its descriptor. */
export function attestedDigest(descriptor: OciDescriptor): string | undefined {
  return descriptor.annotations.get('vnd.docker.reference.digest');
}
