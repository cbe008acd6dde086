import type { LimitFunction } from 'p-limit';
import {
  judgeServed,
  judgeTag,
  type ServedTag,
  type ServedTree,
  type Tried,
} from '../checks/index.js';
import type { Finding, Served } from '../evidence/index.js';
import {
  everyOne,
  openCourse,
  parseReference,
  type RegistryClient,
  RegistryError,
  type Repository,
  registryFailed,
} from '../registry/index.js';
import { blobReader, type ReadBlob } from './read-blobs.js';
import { lookedInto, readTags, readTagsAgain, type TagToVerify } from './read-tags.js';
import { readTree } from './read-tree.js';

/** One repository and the tags that were moved there. */
interface VerifyTarget {
  /** As the evidence names it. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** What is known of how they came there. */
  readonly moves?: readonly TagToVerify[];
  /** Where it is really read, if elsewhere: `127.0.0.1:4123/acme/greeter`. */
  readonly location?: string;
}

/** What was tried of an image, and where it was published. */
interface ImageToVerify extends Tried {
  readonly targets: readonly VerifyTarget[];
}

/** What is to be read back, and through what. */
export interface VerifyJob {
  readonly images: readonly ImageToVerify[];
  readonly client: RegistryClient;
  /** Bounds requests. */
  readonly limit: LimitFunction;
  readonly signal?: AbortSignal;
}

/** What the registries serve, and where that is not what was tried. */
export interface Verified {
  /** Per image, what was read back; a tag that could not be read is not in it. */
  readonly served: ReadonlyMap<string, readonly Served[]>;
  readonly findings: readonly Finding[];
}

interface Place {
  readonly repository: Repository;
  readonly readBlob: ReadBlob;
}

/** What the evidence keeps of one tag: what the tag serves at the end. */
function servedFacts(tried: Tried, tree: ServedTree, tag: ServedTag): Served {
  const { repository } = tree;
  const reference = `${repository}:${tag.tag}`;
  const { last, head, earlier } = tag;
  // By a HEAD docker looks a tag up: where that lags it was not read back either.
  const isHidden = head === undefined || earlier.some((digest) => digest === head.miscalled);
  if (last === undefined || (isHidden && last.digest === tried.index.digest)) {
    return { reference, tag: tag.tag, platforms: [], attestations: [] };
  }
  const { miscalled: _, ...index } = last;
  if (index.digest !== tried.index.digest || tree.index === undefined) {
    return { reference, tag: tag.tag, index, platforms: [], attestations: [] };
  }
  // What is only called something else has its bytes.
  const faults = tree.faults.filter(({ kind }) => kind !== 'miscalled');
  const damaged = new Set(faults.map(({ digest }) => digest));
  return {
    reference,
    tag: tag.tag,
    index,
    platforms: tree.platforms.map(({ layers, config, ...rest }) => ({
      ...rest,
      ...(config === undefined || damaged.has(config.digest) ? {} : { config }),
      layers: layers.map((layer) => ({ ...layer, intact: !damaged.has(layer.digest) })),
    })),
    attestations: tree.attestations,
  };
}

function tagsOf({ tags, moves = [] }: VerifyTarget): readonly TagToVerify[] {
  return tags.map((tag) => {
    const move = moves.find((one) => one.tag === tag);
    return move ?? { tag, earlier: [], kept: false };
  });
}

interface TargetRead {
  readonly served: readonly Served[];
  readonly findings: readonly Finding[];
}

async function verifyTarget(
  job: VerifyJob,
  image: ImageToVerify,
  target: VerifyTarget,
  place: Place,
): Promise<TargetRead> {
  const { repository, readBlob } = place;
  const course = openCourse(job.signal);
  try {
    const reader = { repository, readBlob, limit: job.limit, lag: job.client.lag, course };
    const first = await readTags(reader, tagsOf(target), image.index.digest);
    const tree = await readTree(reader, target.repository, image.index);
    const again = await readTagsAgain(reader, target.repository, first);
    const isOurs = ({ last }: ServedTag) => last?.digest === image.index.digest;
    const tags = await everyOne(
      again.map(async (tag) => (isOurs(tag) ? tag : lookedInto(reader, tag))),
    );
    return {
      served: tags.map((tag) => servedFacts(image, tree, tag)),
      findings: [...judgeServed(image, tree), ...tags.flatMap((tag) => judgeTag(image, tag))],
    };
  } catch (error) {
    if (job.signal?.aborted) return { served: [], findings: [] };
    if (!(error instanceof RegistryError)) throw error;
    const subject = { image: image.image, reference: target.repository };
    return { served: [], findings: [registryFailed(subject, error)] };
  }
}

function placesOf(job: VerifyJob): (target: VerifyTarget) => Place {
  const known = new Map<string, Place>();
  return (target) => {
    const parsed = parseReference(target.location ?? target.repository);
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const { registry, repository: path } = parsed.reference;
    const repository = job.client.repository(registry, path);
    const place = known.get(repository.name) ?? {
      repository,
      readBlob: blobReader(repository, job.limit),
    };
    known.set(repository.name, place);
    return place;
  };
}

/**
 * Reads back what was published, believing nothing: in each repository
 * every tag, then the index by digest with every manifest, configuration and
 * layer, each blob once for all tags, and every tag again at the end, by a HEAD
 * too. Tolerates that a registry shows a push a moment later, that it knows no HEAD,
 * and that it calls nothing by a digest. Interrupted, it gives what it has.
 */
export async function verify(job: VerifyJob): Promise<Verified> {
  const placeOf = placesOf(job);
  const work = job.images.map(async (image) => {
    const targets = image.targets.map((target) =>
      verifyTarget(job, image, target, placeOf(target)),
    );
    return { image: image.image, targets: await everyOne(targets) };
  });
  const reads = await everyOne(work);
  return {
    served: new Map(reads.map((one) => [one.image, one.targets.flatMap((read) => read.served)])),
    findings: reads.flatMap((one) => one.targets.flatMap((read) => read.findings)),
  };
}
