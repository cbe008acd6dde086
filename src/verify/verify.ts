import type { LimitFunction } from 'p-limit';
import type { ServedTag } from '../checks/index.js';
import type { Descriptor, Served, ServedContent } from '../evidence/index.js';
import {
  openRequestGroup,
  type RegistryClient,
  RegistryError,
  type RegistryTarget,
  type Repository,
  repositoryOf,
  settleAll,
} from '../registry/index.js';
import { blobReader, type ReadBlob } from './read-blobs.js';
import { readContent } from './read-content.js';
import {
  type FirstRead,
  readPlatformsInstead,
  readTags,
  readTagsAgain,
  type TagToRead,
} from './read-tags.js';

/** One repository with the tags that are read there. */
export interface RepositoryToRead {
  readonly target: RegistryTarget;
  /** What is known of tags that this run has moved. */
  readonly moves?: readonly TagToRead[];
  /**
   * The index that the tags are to serve: a tag that does not is read again for a while. Without
   * it, what a tag serves is what is read: the reference is not one that this run has published.
   */
  readonly index?: Descriptor;
}

/** What is to be read, and through what. */
export interface VerifyJob<Request extends RepositoryToRead = RepositoryToRead> {
  /** In a request may stand more, which comes back with what was read. */
  readonly repositories: readonly Request[];
  readonly client: RegistryClient;
  /** Bounds requests. */
  readonly limit: LimitFunction;
  readonly signal?: AbortSignal;
}

/** What one repository serves. */
export interface RepositoryRead<Request extends RepositoryToRead = RepositoryToRead> {
  readonly request: Request;
  /** As the evidence names it. */
  readonly repository: string;
  /** By the digest of its index, everything that was read below it. */
  readonly contents: ReadonlyMap<string, ServedContent>;
  /** In the order given; empty where the run was interrupted. */
  readonly tags: readonly ServedTag[];
  /** The facts of these tags that the evidence keeps. */
  readonly served: readonly Served[];
  /** Why nothing can be said: the registry failed. */
  readonly error?: RegistryError;
}

/** A repository, and the reader that all who read there share. */
interface SharedRepository {
  readonly repository: Repository;
  readonly readBlob: ReadBlob;
}

const NOTHING = { platforms: [], attestations: [], faults: [] };

/** What the evidence keeps of one tag: what the tag serves at the end. */
function servedFacts(
  repository: string,
  tag: ServedTag,
  contents: RepositoryRead['contents'],
): Served {
  const facts = { reference: `${repository}:${tag.tag}`, tag: tag.tag };
  const { last, head, earlier } = tag;
  if (last === undefined) return { ...facts, ...NOTHING };
  const content = contents.get(last.digest);
  // docker looks a tag up by a HEAD: where that lags, the tag was not read back either.
  const isHidden = head === undefined || earlier.some((digest) => digest === head.wrongClaim);
  if (isHidden && content !== undefined) return { ...facts, ...NOTHING };
  const { wrongClaim: _, ...index } = last;
  return { ...facts, ...(content ?? NOTHING), index };
}

function tagsOf({ target, moves }: RepositoryToRead): readonly TagToRead[] {
  return target.tags.map(
    (tag) => moves?.find((one) => one.tag === tag) ?? { tag, earlier: [], kept: false },
  );
}

/** The indexes to read: the one expected, or what the tags serve. */
function indexesIn({ index }: RepositoryToRead, reads: readonly FirstRead[]) {
  if (index !== undefined) return [index];
  const served = reads.flatMap((read) => read.served ?? []);
  return [...new Map(served.map((one) => [one.digest, one])).values()].map(
    ({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes.length }),
  );
}

async function readRepository<Request extends RepositoryToRead>(
  { client, limit, signal }: VerifyJob,
  request: Request,
  { repository, readBlob }: SharedRepository,
): Promise<RepositoryRead<Request>> {
  const { repository: name } = request.target;
  const nothing = { request, repository: name, contents: new Map(), tags: [], served: [] };
  const group = openRequestGroup(signal);
  const reader = { repository, readBlob, limit, lag: client.lag, group };
  try {
    const first = await readTags(reader, tagsOf(request), request.index?.digest);
    const work = indexesIn(request, first).map(
      async (index) => [index.digest, await readContent(reader, index)] as const,
    );
    const contents = new Map(await settleAll(work));
    const again = await readTagsAgain(reader, name, first);
    const tags = await settleAll(again.map((tag) => readPlatformsInstead(reader, tag, contents)));
    const served = tags.map((tag) => servedFacts(name, tag, contents));
    return { request, repository: name, contents, tags, served };
  } catch (error) {
    if (signal?.aborted) return nothing;
    if (error instanceof RegistryError) return { ...nothing, error };
    throw error;
  }
}

/** Opens each repository once, so that what several images share is read once. */
function openRepositories({ client, limit }: VerifyJob) {
  const known = new Map<string, SharedRepository>();
  return (target: RegistryTarget): SharedRepository => {
    const repository = repositoryOf(client, target);
    const shared = known.get(repository.name) ?? {
      repository,
      readBlob: blobReader(repository, limit),
    };
    known.set(repository.name, shared);
    return shared;
  };
}

/**
 * Reads what repositories serve, in the order given, and judges nothing. In each repository
 * every tag is read, then the index by digest with every manifest, configuration and layer
 * below it, each blob once for all tags, then every tag again, by a HEAD too. All bytes are
 * hashed, no header is believed. Allows a registry to show a push only a moment later, to
 * have no HEAD and to name no digests. Interrupted, it gives what it has.
 */
export async function verify<Request extends RepositoryToRead>(
  job: VerifyJob<Request>,
): Promise<readonly RepositoryRead<Request>[]> {
  const open = openRepositories(job);
  return settleAll(
    job.repositories.map((request) => readRepository(job, request, open(request.target))),
  );
}
