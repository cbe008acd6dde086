import { Readable } from 'node:stream';
import type { Publication } from '../evidence/index.js';
import { type ComposedIndex, type Manifest, mediaTypes, parseManifest } from '../oci/index.js';
import {
  everyOne,
  RegistryError,
  type RegistryErrorCode,
  type Repository,
  readServed,
  reasonIn,
} from '../registry/index.js';
import type { ManifestContent } from './content.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { attestationsIn, whyOther } from './same-image.js';

/** An index that a tag keeps, to be published in place of the one that was composed. */
export interface TakenOver {
  readonly index: ComposedIndex;
  /** Its attestation manifests with all that is below them. */
  readonly content: readonly ManifestContent[];
  readonly attestations: NonNullable<Publication['takenOver']>['attestations'];
}

/** Why what a tag keeps cannot be published. */
interface Refused {
  readonly digest: string;
  readonly why: string;
}

/** Statements are held in memory on their way from one registry to the others. */
const STATEMENT_LIMIT = 32 * 1024 * 1024;

interface InToto {
  readonly predicateType?: unknown;
  readonly subject?: readonly { readonly digest?: Readonly<Record<string, unknown>> }[];
}

/** The predicate of an in-toto statement that is about a manifest, and about nothing else. */
function predicateOf(statement: Buffer, of: string): string | undefined {
  try {
    const { predicateType, subject } = JSON.parse(statement.toString('utf8')) as InToto;
    const [algorithm = '', hex] = of.split(':');
    const subjects = subject ?? [];
    const isAbout = subjects.every(({ digest }) => digest?.[algorithm] === hex);
    return isAbout && subjects.length > 0 && typeof predicateType === 'string'
      ? predicateType
      : undefined;
  } catch {
    return undefined;
  }
}

type Attestation = ReturnType<typeof attestationsIn>[number];

/** One attestation manifest with its blobs, every byte hashed; or why it does not count. */
async function readAttestation(
  { job, signal }: PublishCourse,
  repository: Repository,
  { mediaType, digest, size, of }: Attestation,
) {
  const descriptor = { mediaType, digest, size };
  const { bytes, mediaType: served } = await job.limit(() =>
    repository.getManifest(digest, { signal }),
  );
  const { value } = parseManifest(bytes, digest);
  const types = [mediaType, served, value?.mediaType ?? mediaType];
  const isNone = value?.kind !== 'manifest' || bytes.length !== size;
  if (isNone || types.some((type) => type !== mediaTypes.manifest)) return 'is no manifest';
  const { config, layers, subject } = value as Manifest;
  if (subject !== undefined && subject.digest !== of) return `is about ${subject.digest}`;
  const blobs = [config, ...layers];
  const total = blobs.reduce((sum, blob) => sum + blob.size, 0);
  if (total > STATEMENT_LIMIT) return 'is too large to be copied';
  const held = new Map<string, Buffer>();
  const read = blobs.map((blob) =>
    job.limit(async () => {
      const chunks: Buffer[] = [];
      const keep = (chunk: Buffer) => chunks.push(chunk);
      await repository.checkBlob({ digest: blob.digest, size: blob.size, keep, signal });
      held.set(blob.digest, Buffer.concat(chunks));
    }),
  );
  await everyOne(read);
  const bytesOf = (blob: string) => held.get(blob) ?? Buffer.alloc(0);
  const predicateTypes = layers.flatMap(({ mediaType: type, digest: layer }) =>
    type === mediaTypes.inToto ? (predicateOf(bytesOf(layer), of) ?? []) : [],
  );
  if (layers.length === 0 || predicateTypes.length < layers.length) {
    return 'holds something else than statements about its image';
  }
  const open = (blob: string): Readable => Readable.from([bytesOf(blob)]);
  return {
    content: { descriptor, bytes, blobs, open },
    fact: { ...descriptor, of, predicateTypes },
  };
}

const UNREADABLE: ReadonlySet<RegistryErrorCode> = new Set(['not-found', 'wrong-digest']);

/** The same; what the registry does not have of it, or has with other bytes, does not count either. */
async function readWhole(...asked: Parameters<typeof readAttestation>) {
  try {
    return await readAttestation(...asked);
  } catch (error) {
    if (!(error instanceof RegistryError) || !UNREADABLE.has(error.code)) throw error;
    return `cannot be read: ${reasonIn(error)}`;
  }
}

/** What the builds attested and the index that is kept does not. */
function unattested(
  { platforms }: ImageToPublish,
  attestations: TakenOver['attestations'],
): string | undefined {
  for (const { platform, manifest, attestations: own } of platforms) {
    const there = attestations.filter(({ of }) => of === manifest.digest);
    const types = new Set(there.flatMap(({ predicateTypes }) => predicateTypes));
    const lacks = own.flatMap((one) => one.predicateTypes).find((type) => !types.has(type));
    if (lacks !== undefined) return `it has no ${lacks} of ${platform}`;
    if (own.length > 0 && there.length === 0) return `it has no attestation of ${platform}`;
  }
  return undefined;
}

/**
 * What a tag serves that a registry does not let be replaced: an index that can be published
 * in place of ours, or why it cannot. Undefined where it serves nothing.
 */
export async function takeOver(
  course: PublishCourse,
  image: ImageToPublish,
  repository: Repository,
  tag: string,
): Promise<TakenOver | Refused | undefined> {
  const served = await readServed(repository, tag, { signal: course.signal });
  if (served === undefined) return undefined;
  const { digest, mediaType, bytes } = served;
  const refused = (why: string) => ({ digest, why });
  if (mediaType !== image.index.descriptor.mediaType) return refused(`it is ${mediaType}`);
  const other = whyOther(image.index.bytes, bytes, image.platforms);
  if (other !== undefined) return refused(other);
  const read = await everyOne(
    attestationsIn(bytes).map(async (one) => ({
      one,
      found: await readWhole(course, repository, one),
    })),
  );
  const content: ManifestContent[] = [];
  const attestations: TakenOver['attestations'][number][] = [];
  for (const { one, found } of read) {
    if (typeof found === 'string') return refused(`its attestation ${one.digest} ${found}`);
    content.push(found.content);
    attestations.push(found.fact);
  }
  const lacks = unattested(image, attestations);
  if (lacks !== undefined) return refused(lacks);
  const index = { bytes, descriptor: { mediaType, digest, size: bytes.length } };
  return { index, content, attestations };
}
