import { CHECKS, check } from '../checks/index.js';
import type { Finding, Served, TestedImage } from '../evidence/index.js';
import { registryFailed } from '../registry/index.js';
import { type RepositoryToRead, type VerifyJob, verify } from '../verify/index.js';

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
