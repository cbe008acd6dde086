import pLimit from 'p-limit';
import { CHECKS, check } from '../checks/index.js';
import {
  brokenOff,
  type Evidence,
  type Finding,
  type Publication,
  type Served,
  type TestedImage,
  testedImage,
} from '../evidence/index.js';
import { registryFailed } from '../registry/index.js';
import { type RepositoryToRead, type VerifyJob, verify } from '../verify/index.js';
import { targetsOf } from './built-images.js';
import { type RegistryContext, TRANSFERS } from './publication.js';

/** An image that was published, and where. */
export interface PublishedImage {
  readonly tested: TestedImage;
  readonly repositories: readonly Omit<RepositoryToRead, 'index'>[];
}

/** What the registries serve, and where that is not what was tested. */
export interface Verified {
  /** By image, what was read back; a tag that could not be read is not in it. */
  readonly served: ReadonlyMap<string, readonly Served[]>;
  readonly findings: readonly Finding[];
}

/** Reads back what was published, and compares it with what was tested. */
export async function verifyPublished(
  images: readonly PublishedImage[],
  through: Omit<VerifyJob, 'repositories'>,
): Promise<Verified> {
  const reads = await verify({
    ...through,
    repositories: images.flatMap(({ tested, repositories }) =>
      repositories.map((one) => ({ ...one, index: tested.index, tested })),
    ),
  });
  const served = new Map<string, readonly Served[]>(
    images.map(({ tested: { image } }) => [
      image,
      reads.flatMap((read) => (read.request.tested.image === image ? read.served : [])),
    ]),
  );
  const findings = reads.flatMap(({ request: { tested }, error, ...read }) =>
    error === undefined
      ? check(CHECKS.served, { ...read, tested })
      : [registryFailed({ image: tested.image, reference: read.repository }, error)],
  );
  return { served, findings };
}

/**
 * An image with those of its tags that moved, also if a later one did not; none if none did.
 * A tag that stayed on its earlier index before that was taken over is known to differ.
 */
function publishedImage(
  evidence: Evidence,
  publication: Publication,
  localRegistry: string | undefined,
): readonly PublishedImage[] {
  const planned = evidence.plan.images.find(({ id }) => id === publication.image);
  const tested = planned && testedImage(evidence, planned, publication);
  if (planned === undefined || tested === undefined) return [];
  const { takenOver, targets } = publication;
  const moved = targets.filter(({ digest }) => digest === tested.index.digest);
  const repositories = targetsOf(planned, localRegistry).flatMap((target) => {
    const moves = moved
      .filter(({ repository, tag }) => {
        return repository === target.repository && target.tags.includes(tag);
      })
      .map(({ tag, before, kept = false }) => {
        const earlier = [before?.digest ?? [], takenOver?.composed ?? []].flat();
        return { tag, kept, earlier };
      });
    if (moves.length === 0) return [];
    return [{ target: { ...target, tags: moves.map(({ tag }) => tag) }, moves }];
  });
  return repositories.length === 0 ? [] : [{ tested, repositories }];
}

/**
 * Reads back what was published, and compares it with what was tested. Publications are kept
 * whatever ends the reading: their tags have moved.
 */
export async function verifyImages(
  evidence: Evidence,
  { options, identity, localRegistry }: RegistryContext,
): Promise<Evidence> {
  const { signal } = options;
  if (evidence.publications.every(({ targets }) => targets.length === 0)) return evidence;
  try {
    const local = await localRegistry?.host();
    const images = evidence.publications.flatMap((one) => publishedImage(evidence, one, local));
    const through = { client: identity.client, limit: pLimit(TRANSFERS), signal };
    const { served, findings } = await verifyPublished(images, through);
    localRegistry?.throwDiskError();
    return {
      ...evidence,
      publications: evidence.publications.map((one) => ({
        ...one,
        served: served.get(one.image) ?? one.served,
      })),
      findings: [...evidence.findings, ...findings],
    };
  } catch (error) {
    if (signal.aborted) return evidence;
    return { ...evidence, findings: [...evidence.findings, brokenOff({}, 'Reading back', error)] };
  }
}
