import type { LimitFunction } from 'p-limit';
import {
  judgeServed,
  judgeTag,
  type ServedTag,
  type ServedTree,
  type Tried,
} from '../checks/index.js';
import type { Descriptor, Finding, Served } from '../evidence/index.js';
import type { Clock } from '../ports/index.js';
import {
  type Course,
  everyOne,
  openCourse,
  orStop,
  parseReference,
  type RegistryClient,
  RegistryError,
  type Repository,
  registryFailed,
  type ServedManifest,
} from '../registry/index.js';
import { blobReader, type ReadBlob } from './read-blobs.js';
import { readTree } from './read-tree.js';

/** One repository and the tags that were moved there. */
interface VerifyTarget {
  /** As the evidence names it. */
  readonly repository: string;
  readonly tags: readonly string[];
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
  readonly clock: Pick<Clock, 'sleep'>;
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

/** A tag may serve what it did before for a moment after a push. */
const PATIENCE: readonly number[] = [500, 1000, 2000, 4000];

function descriptorOf({ bytes, mediaType, digest }: ServedManifest): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

async function readTag(
  job: VerifyJob,
  { signal }: Course,
  { repository }: Place,
  tag: string,
  ours: string,
) {
  const reading = { fresh: true, signal };
  const read = () => job.limit(() => repository.getManifest(tag, reading));
  let served = await read();
  for (const pause of PATIENCE) {
    if (served.digest === ours) break;
    await job.clock.sleep(pause, signal);
    served = await read();
  }
  return served;
}

type FirstRead = Omit<ServedTag, 'last'>;

function readTags(
  job: VerifyJob,
  course: Course,
  place: Place,
  target: VerifyTarget,
  ours: string,
): Promise<readonly FirstRead[]> {
  const work = target.tags.map(async (tag) => {
    const served = await orStop(course, readTag(job, course, place, tag, ours));
    const told = served.claimed === undefined ? {} : { claimed: served.claimed };
    return { repository: target.repository, tag, first: descriptorOf(served), ...told };
  });
  return everyOne(work);
}

function readTagsAgain(
  job: VerifyJob,
  course: Course,
  { repository }: Place,
  tags: readonly FirstRead[],
): Promise<readonly ServedTag[]> {
  const { signal } = course;
  const work = tags.map(async (read) => {
    const get = job.limit(() => repository.getManifest(read.tag, { signal }));
    return { ...read, last: descriptorOf(await orStop(course, get)) };
  });
  return everyOne(work);
}

/** What the evidence keeps of one tag: what the tag serves at the end. */
function servedFacts(tried: Tried, tree: ServedTree, tag: ServedTag): Served {
  const { repository } = tree;
  const reference = `${repository}:${tag.tag}`;
  const { last: index } = tag;
  if (index.digest !== tried.index.digest || tree.index === undefined) {
    return { reference, tag: tag.tag, index, platforms: [], attestations: [] };
  }
  const damaged = new Set(tree.faults.map((fault) => fault.digest));
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
    const reader = { repository, readBlob, limit: job.limit, course };
    const first = await readTags(job, course, place, target, image.index.digest);
    const tree = await readTree(reader, target.repository, image.index);
    const tags = await readTagsAgain(job, course, place, first);
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
 * layer, each blob once for all tags, and every tag again at the end. Tolerates
 * that a registry shows a push a moment later. Interrupted, it gives what it has.
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
