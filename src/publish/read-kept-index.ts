import type { Publication } from '../evidence/index.js';
import type { ComposedIndex } from '../oci/index.js';
import { type Repository, readServed, settleAll } from '../registry/index.js';
import type { ManifestContent } from './content.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { readAttestation, STATEMENTS } from './read-attestation.js';
import { attestationsIn, differenceFrom } from './same-image.js';

/** An index that a tag keeps, to be published in place of the one that was composed. */
export interface KeptIndex {
  readonly index: ComposedIndex;
  /** Its attestation manifests with all that is below them. */
  readonly content: readonly ManifestContent[];
  readonly attestations: NonNullable<Publication['takenOver']>['attestations'];
}

/** Why what a tag keeps cannot be published. */
interface UnusableIndex {
  readonly digest: string;
  readonly why: string;
}

/** What the builds attested and the index that is kept does not. */
function missingAttestation(
  { platforms }: ImageToPublish,
  attestations: KeptIndex['attestations'],
): string | undefined {
  for (const { platform, manifest, attestations: own } of platforms) {
    const there = attestations.filter(({ subject }) => subject === manifest.digest);
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
export async function readKeptIndex(
  course: PublishCourse,
  image: ImageToPublish,
  repository: Repository,
  tag: string,
): Promise<KeptIndex | UnusableIndex | undefined> {
  const served = await readServed(repository, tag, { signal: course.signal });
  if (served === undefined) return undefined;
  const { digest, mediaType, bytes } = served;
  const refused = (why: string) => ({ digest, why });
  if (mediaType !== image.index.descriptor.mediaType) return refused(`it is ${mediaType}`);
  const other = differenceFrom(image.index.bytes, bytes, image.platforms);
  if (other !== undefined) return refused(other);
  const budget = { left: STATEMENTS * image.platforms.length };
  const read = await settleAll(
    attestationsIn(bytes).map(async (one) => ({
      one,
      found: await readAttestation(course, repository, one, budget),
    })),
  );
  const content: ManifestContent[] = [];
  const attestations: KeptIndex['attestations'][number][] = [];
  for (const { one, found } of read) {
    if (typeof found === 'string') return refused(`its attestation ${one.digest} ${found}`);
    content.push(found.content);
    attestations.push(found.fact);
  }
  const lacks = missingAttestation(image, attestations);
  if (lacks !== undefined) return refused(lacks);
  const index = { bytes, descriptor: { mediaType, digest, size: bytes.length } };
  return { index, content, attestations };
}
