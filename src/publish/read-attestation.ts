import { Readable } from 'node:stream';
import { hasDoubleMembers, type Manifest, mediaTypes, parseManifest } from '../oci/index.js';
import {
  RegistryError,
  type RegistryErrorCode,
  type Repository,
  reasonOf,
  settleAll,
} from '../registry/index.js';
import type { PublishCourse } from './job.js';
import type { attestationsIn } from './same-image.js';

/** Statements are held in memory on their way from one registry to the others; for each platform so much. */
export const STATEMENTS = 32 * 1024 * 1024;

/** Bytes of statements that may still be read. */
interface ByteBudget {
  left: number;
}

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

const MEMBERS: ReadonlySet<string> = new Set([
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'subject',
  'annotations',
]);

/** A manifest in which every reader finds the same: members in capitals are others only to us. */
function plainManifest(bytes: Buffer): Manifest | undefined {
  try {
    const { value, problems } = parseManifest(bytes, 'it');
    const text = bytes.toString('utf8');
    const isPlain = Object.keys(JSON.parse(text)).every((key) => MEMBERS.has(key));
    if (value?.kind !== 'manifest' || problems.length > 0 || !isPlain) return undefined;
    return hasDoubleMembers(text) ? undefined : value;
  } catch {
    return undefined;
  }
}

type Attestation = ReturnType<typeof attestationsIn>[number];

/** One attestation manifest with its blobs, every byte hashed; or why it does not count. */
async function readStatements(
  { job, signal }: PublishCourse,
  repository: Repository,
  { mediaType, digest, size, of }: Attestation,
  budget: ByteBudget,
) {
  const descriptor = { mediaType, digest, size };
  const { bytes, mediaType: served } = await job.limit(() =>
    repository.getManifest(digest, { signal }),
  );
  const manifest = plainManifest(bytes);
  const types = [mediaType, served, manifest?.mediaType ?? mediaType];
  const isOther = types.some((type) => type !== mediaTypes.manifest);
  if (manifest === undefined || bytes.length !== size || isOther) return 'is not a plain manifest';
  const { config, layers, subject } = manifest;
  if (subject !== undefined && subject.digest !== of) return `is about ${subject.digest}`;
  const blobs = [config, ...layers];
  budget.left -= blobs.reduce((sum, blob) => sum + blob.size, 0);
  if (budget.left < 0) return 'is too large to be copied, with the others';
  const held = new Map<string, Buffer>();
  const read = blobs.map((blob) =>
    job.limit(async () => {
      const chunks: Buffer[] = [];
      const keep = (chunk: Buffer) => chunks.push(chunk);
      await repository.checkBlob({ digest: blob.digest, size: blob.size, keep, signal });
      held.set(blob.digest, Buffer.concat(chunks));
    }),
  );
  await settleAll(read);
  const bytesOf = (blob: string) => held.get(blob) ?? Buffer.alloc(0);
  const predicateTypes = layers.flatMap(({ mediaType: type, digest: layer }) =>
    type === mediaTypes.inToto ? (predicateOf(bytesOf(layer), of) ?? []) : [],
  );
  if (layers.length === 0 || predicateTypes.length < layers.length) {
    return 'has content other than statements about its image';
  }
  const open = (blob: string): Readable => Readable.from([bytesOf(blob)]);
  return {
    content: { descriptor, bytes, blobs, open },
    fact: { ...descriptor, subject: of, predicateTypes },
  };
}

const UNREADABLE: ReadonlySet<RegistryErrorCode> = new Set(['not-found', 'wrong-digest']);

/** The same; what the registry does not have of it, or has with other bytes, does not count either. */
export async function readAttestation(...asked: Parameters<typeof readStatements>) {
  try {
    return await readStatements(...asked);
  } catch (error) {
    if (!(error instanceof RegistryError) || !UNREADABLE.has(error.code)) throw error;
    return `cannot be read: ${reasonOf(error)}`;
  }
}
