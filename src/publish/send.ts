import type { Descriptor } from '../evidence/index.js';
import { RegistryError, type Repository, settleAll, stopOnFailure } from '../registry/index.js';
import { defined } from '../types/index.js';
import type { ManifestContent } from './content.js';
import type { PublishCourse } from './job.js';
import { explainLayerTypes } from './refused-layer.js';

/** What a registry says of a manifest or an index some part of which it does not have. */
const UNKNOWN = ['BLOB_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'];

/** Bytes under a tag or a digest, and what they refer to. */
export interface ManifestPut {
  readonly bytes: Buffer;
  readonly descriptor: Descriptor;
  /** Sends what is not there of its parts, and gives each of these in words. */
  resend(): Promise<readonly string[]>;
}

function isPartUnknown(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.ociCodes.some((code) => UNKNOWN.includes(code));
}

function keptNothing(
  error: RegistryError,
  { digest }: Descriptor,
  lost: readonly string[],
): RegistryError {
  const [first] = lost;
  const { request, status, oci } = error;
  const detail =
    first === undefined
      ? `refuses ${digest} because a part of it is unknown there, and reports every part as present`
      : `accepted ${first} and lost it`;
  return new RegistryError({
    code: 'inconsistent',
    request,
    oci,
    detail,
    ...defined({ status }),
  });
}

/**
 * Puts bytes whose parts the registry has taken. Where it says that one is unknown, its parts
 * are asked for and sent again, and it is put again, as long as the clock of lags goes.
 */
export async function put(
  course: PublishCourse,
  repository: Repository,
  { descriptor, resend }: Pick<ManifestPut, 'descriptor' | 'resend'>,
  once: () => Promise<void>,
): Promise<void> {
  const { lag } = course.job.client;
  let lost: readonly string[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (error) {
      if (!isPartUnknown(error)) throw error;
      const goesOn = await lag.wait(repository.registry, attempt, course.signal);
      if (!goesOn) throw keptNothing(error, descriptor, lost);
      lost = [...lost, ...(await resend())];
    }
  }
}

/** Sends those blobs of a manifest that are not there. */
async function resendBlobs(
  { job, signal }: PublishCourse,
  repository: Repository,
  { blobs, open = job.open }: ManifestContent,
): Promise<readonly string[]> {
  const work = blobs.map(({ digest, size }) =>
    job.limit(async () => {
      const upload = { digest, size, open: () => open(digest), signal };
      return (await repository.putBlob(upload)) === 'existed' ? [] : [`the blob ${digest}`];
    }),
  );
  return (await settleAll(work)).flat();
}

/** Puts a manifest by its digest; its blobs are there. */
function putByDigest(
  course: PublishCourse,
  repository: Repository,
  content: ManifestPut,
): Promise<void> {
  const { bytes, descriptor } = content;
  const { digest, mediaType } = descriptor;
  return put(course, repository, content, () =>
    course.job.limit(() =>
      repository.putManifest(digest, { bytes, mediaType }, { signal: course.signal }),
    ),
  );
}

/** Sends a manifest behind its blobs; those of the layout go once to each registry. */
async function sendManifest(
  course: PublishCourse,
  repository: Repository,
  content: ManifestContent,
): Promise<void> {
  const resend = () => resendBlobs(course, repository, content);
  const upload = (blob: Descriptor) =>
    stopOnFailure(course, course.uploadBlob(repository, blob, course.signal));
  if (content.open === undefined) await settleAll(content.blobs.map(upload));
  else await resend();
  await putByDigest(course, repository, { ...content, resend }).catch((error: unknown) => {
    throw explainLayerTypes(error, content, content.bases);
  });
}

/** An index whose manifests are in a repository, as something to put there. */
export function indexPut(
  course: PublishCourse,
  repository: Repository,
  { bytes, descriptor }: Pick<ManifestPut, 'bytes' | 'descriptor'>,
  manifests: readonly ManifestContent[],
): ManifestPut {
  const resendOne = async (content: ManifestContent) => {
    const { digest } = content.descriptor;
    const { limit } = course.job;
    const isThere = await limit(() => repository.headManifest(digest, course.signal));
    if (isThere !== undefined) return [];
    await resendBlobs(course, repository, content);
    await putByDigest(course, repository, {
      ...content,
      resend: () => resendBlobs(course, repository, content),
    });
    return [`the manifest ${digest}`];
  };
  return {
    bytes,
    descriptor,
    resend: async () => (await settleAll(manifests.map(resendOne))).flat(),
  };
}

/** An index with what it lists: `there` is in the repository already. */
interface IndexToSend {
  readonly index: Pick<ManifestPut, 'bytes' | 'descriptor'>;
  readonly manifests: readonly ManifestContent[];
  readonly there?: readonly ManifestContent[];
}

/** Sends manifests and then the index that lists them, by digest: no tag shows them yet. */
export async function sendIndex(
  course: PublishCourse,
  repository: Repository,
  { index, manifests, there = [] }: IndexToSend,
): Promise<void> {
  await settleAll(manifests.map((manifest) => sendManifest(course, repository, manifest)));
  const whole = indexPut(course, repository, index, [...there, ...manifests]);
  await putByDigest(course, repository, whole);
}
