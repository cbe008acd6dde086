import type { LimitFunction } from 'p-limit';
import {
  judgeServed,
  judgeTag,
  type ServedTag,
  type ServedTree,
  type Tried,
} from '../checks/index.js';
import type { Descriptor, Finding, Served } from '../evidence/index.js';
import { miscalled } from '../oci/index.js';
import type { Clock } from '../ports/index.js';
import {
  type Course,
  everyOne,
  type ManifestHint,
  openCourse,
  orStop,
  parseReference,
  type RegistryClient,
  RegistryError,
  type Repository,
  readPlatforms,
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

/** Asks until the answer is right, as long as patience goes. */
async function patiently<T>(
  { clock, limit }: VerifyJob,
  { signal }: Course,
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
): Promise<T> {
  let answer = await limit(ask);
  for (const pause of PATIENCE) {
    if (isRight(answer)) break;
    await clock.sleep(pause, signal);
    answer = await limit(ask);
  }
  return answer;
}

interface FirstRead {
  readonly tag: string;
  readonly served: ServedManifest;
}

function readTags(
  job: VerifyJob,
  course: Course,
  { repository }: Place,
  tags: readonly string[],
  ours: string,
): Promise<readonly FirstRead[]> {
  const reading = { fresh: true, signal: course.signal };
  const work = tags.map(async (tag) => {
    const ask = () => repository.getManifest(tag, reading);
    const asked = patiently(job, course, ask, ({ digest }) => digest === ours);
    return { tag, served: await orStop(course, asked) };
  });
  return everyOne(work);
}

function answerOf(served: ServedManifest): ServedTag['last'] {
  const wrong = miscalled(served.bytes, served.claimed);
  return { ...descriptorOf(served), ...(wrong === undefined ? {} : { miscalled: wrong }) };
}

function hintOf(hint: ManifestHint | undefined, { bytes }: ServedManifest): ServedTag['head'] {
  if (hint === undefined) return undefined;
  const { claimed, mediaType, size } = hint;
  const wrong = miscalled(bytes, claimed);
  return {
    ...(wrong === undefined ? {} : { miscalled: wrong }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(size === undefined ? {} : { size }),
  };
}

/** Asks for a tag as docker does, and then reads it: a tag that moves before is no lie of the HEAD. */
async function readTagAgain(
  job: VerifyJob,
  course: Course,
  { repository }: Place,
  { tag, served: { bytes } }: FirstRead,
) {
  const { signal } = course;
  const head = await patiently(
    job,
    course,
    () => repository.headManifest(tag, signal),
    (hint) => hint !== undefined && miscalled(bytes, hint.claimed) === undefined,
  );
  return { head, served: await job.limit(() => repository.getManifest(tag, { signal })) };
}

function readTagsAgain(
  job: VerifyJob,
  course: Course,
  place: Place,
  name: string,
  reads: readonly FirstRead[],
): Promise<readonly ServedTag[]> {
  const work = reads.map(async (read): Promise<ServedTag> => {
    const { head, served } = await orStop(course, readTagAgain(job, course, place, read));
    return {
      repository: name,
      tag: read.tag,
      first: answerOf(read.served),
      head: hintOf(head, served),
      last: answerOf(served),
    };
  });
  return everyOne(work);
}

/** A tag that serves something else than ours, with the platforms of that, as far as the registry tells. */
async function lookedInto(
  job: VerifyJob,
  { signal }: Course,
  { repository }: Place,
  tag: ServedTag,
): Promise<ServedTag> {
  const { digest } = tag.last;
  try {
    const now = await job.limit(() => readPlatforms(repository, digest, { signal }));
    return now === undefined ? tag : { ...tag, instead: now.platforms };
  } catch (error) {
    if (error instanceof RegistryError) return tag;
    throw error;
  }
}

/** What the evidence keeps of one tag: what the tag serves at the end. */
function servedFacts(tried: Tried, tree: ServedTree, tag: ServedTag): Served {
  const { repository } = tree;
  const reference = `${repository}:${tag.tag}`;
  const { miscalled: _, ...index } = tag.last;
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
    const first = await readTags(job, course, place, target.tags, image.index.digest);
    const tree = await readTree(reader, target.repository, image.index);
    const last = await readTagsAgain(job, course, place, target.repository, first);
    const isOurs = (tag: ServedTag) => tag.last.digest === image.index.digest;
    const tags = await everyOne(
      last.map(async (tag) => (isOurs(tag) ? tag : lookedInto(job, course, place, tag))),
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
