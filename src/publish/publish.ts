import type { Readable } from 'node:stream';
import {
  brokenOff,
  type Descriptor,
  type Finding,
  type ImageFacts,
  type Publication,
} from '../evidence/index.js';
import type { ComposedIndex } from '../oci/index.js';
import type { Clock } from '../ports/index.js';
import {
  explain,
  parseReference,
  type RegistryClient,
  RegistryError,
  type Repository,
  registryFailed,
} from '../registry/index.js';
import { type Before, servedBefore } from './before.js';
import { contentOf, type ManifestContent } from './content.js';
import { type Give, type Limit, shareUploads } from './shared-uploads.js';

/** One repository and the tags it gets. */
export interface PublishTarget {
  /** As the evidence names it: `ghcr.io/acme/greeter`. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** Where it is really written, if elsewhere: `127.0.0.1:4123/acme/greeter`. */
  readonly location?: string;
}

/** An image all of whose trials passed. */
export interface ImageToPublish {
  readonly image: string;
  readonly index: ComposedIndex;
  readonly platforms: readonly Pick<ImageFacts, 'manifest' | 'attestations'>[];
  readonly targets: readonly PublishTarget[];
}

export interface PublishJob {
  readonly images: readonly ImageToPublish[];
  /** Bytes of a blob in the layout, by digest. */
  open(digest: string): Readable;
  readonly client: RegistryClient;
  readonly clock: Pick<Clock, 'now'>;
  /** Bounds requests with a body and uploads: p-limit. */
  readonly limit: Limit;
  /** `together`: no tag moves before every image's content is everywhere. */
  readonly publish: 'together' | 'per-image';
  readonly embedded: boolean;
  readonly signal?: AbortSignal;
}

export interface Published {
  /** One per image, in the order given; `served` is empty. */
  readonly publications: readonly Publication[];
  readonly findings: readonly Finding[];
}

type TargetFacts = Publication['targets'][number];

interface Destination {
  readonly target: PublishTarget;
  readonly repository: Repository;
  readonly before: ReadonlyMap<string, Before | undefined>;
}

/** Where an image's content has arrived completely, or why it has not. */
type Prepared =
  | { readonly image: ImageToPublish; readonly destinations: readonly Destination[] }
  | { readonly image: ImageToPublish; readonly reason: string };

const INTERRUPTED = 'the run was interrupted';

/** What a part of the work shares: the first failure stops the rest of it. */
interface Course {
  readonly job: PublishJob;
  readonly give: Give;
  readonly findings: Finding[];
  readonly stop: AbortController;
  readonly signal: AbortSignal;
}

function newCourse(job: PublishJob, give: Give, findings: Finding[]): Course {
  const stop = new AbortController();
  const signal = AbortSignal.any(job.signal ? [job.signal, stop.signal] : [stop.signal]);
  return { job, give, findings, stop, signal };
}

function repositoryOf(client: RegistryClient, target: PublishTarget): Repository {
  const parsed = parseReference(target.location ?? target.repository);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return client.repository(parsed.reference.registry, parsed.reference.repository);
}

/** The first failure ends the rest of the course. */
function orStop<T>(course: Course, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    course.stop.abort();
    throw error;
  });
}

async function sendManifest(course: Course, repository: Repository, manifest: ManifestContent) {
  const give = (blob: Descriptor) => orStop(course, course.give(repository, blob, course.signal));
  await everyOne(manifest.blobs.map(give));
  const { bytes, descriptor } = manifest;
  const { digest, mediaType } = descriptor;
  await course.job.limit(() => repository.putManifest(digest, { bytes, mediaType }, course.signal));
}

/** All of them, to their ends: no request is left running behind a failure. */
async function everyOne(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).filter((one) => one.status === 'rejected');
  const real = failed.find(({ reason }) => reason?.name !== 'AbortError') ?? failed[0];
  if (real !== undefined) throw real.reason;
}

/** Blobs, then manifests, then the index, all by digest: nobody can pull it by a tag yet. */
async function fill(
  course: Course,
  image: ImageToPublish,
  manifests: readonly ManifestContent[],
  target: PublishTarget,
): Promise<Destination> {
  const repository = repositoryOf(course.job.client, target);
  try {
    const before = new Map<string, Before | undefined>();
    for (const tag of target.tags) {
      const ours = image.index.descriptor.digest;
      const serves = () => servedBefore(repository, tag, ours, course.signal);
      before.set(tag, await course.job.limit(serves));
    }
    await everyOne(manifests.map((manifest) => sendManifest(course, repository, manifest)));
    const { bytes, descriptor } = image.index;
    await course.job.limit(() =>
      repository.putManifest(
        descriptor.digest,
        { bytes, mediaType: descriptor.mediaType },
        course.signal,
      ),
    );
    return { target, repository, before };
  } catch (error) {
    if (error instanceof RegistryError) {
      const subject = { image: image.image, reference: target.repository };
      course.findings.push(registryFailed(subject, error));
    }
    course.stop.abort();
    throw error;
  }
}

async function prepare(course: Course, image: ImageToPublish): Promise<Prepared> {
  try {
    const manifests = await contentOf(image.index, image.platforms, course.job.open);
    const work = image.targets.map((target) => fill(course, image, manifests, target));
    await everyOne(work);
    return { image, destinations: await Promise.all(work) };
  } catch (error) {
    course.stop.abort();
    if (course.job.signal?.aborted) return { image, reason: INTERRUPTED };
    if (error instanceof RegistryError) return { image, reason: explain(error) };
    if ((error as Error)?.name === 'AbortError') {
      return { image, reason: 'another upload of the run failed' };
    }
    // Other images may be tagged already: what became of them must be told.
    course.findings.push(brokenOff({ image: image.image }, 'Publishing', error));
    return { image, reason: 'its publishing was broken off' };
  }
}

function untagged({ image }: ImageToPublish, reason: string): Publication {
  return { image, notPublished: reason, targets: [], served: [] };
}

/** Moves one tag. A PUT that has begun is finished, also when the run is interrupted. */
async function moveTag(
  course: Course,
  image: ImageToPublish,
  { target, repository, before }: Destination,
  tag: string,
): Promise<TargetFacts> {
  const { bytes, descriptor } = image.index;
  const { mediaType, digest } = descriptor;
  await repository.putManifest(tag, { bytes, mediaType }, course.job.signal);
  const served = before.get(tag);
  return {
    repository: target.repository,
    embedded: course.job.embedded,
    tag,
    digest,
    ...(served === undefined ? {} : { before: served }),
    at: course.job.clock.now().toISOString(),
  };
}

/** Moves an image's tags one after the other; the first that fails ends it. */
async function moveTags(
  course: Course,
  image: ImageToPublish,
  destinations: readonly Destination[],
): Promise<Publication> {
  const moved: TargetFacts[] = [];
  const facts = { image: image.image, index: image.index.descriptor, targets: moved, served: [] };
  for (const destination of destinations) {
    for (const tag of destination.target.tags) {
      const name = `${destination.target.repository}:${tag}`;
      if (course.signal.aborted) {
        const why = course.job.signal?.aborted ? INTERRUPTED : 'a tag of another image failed';
        return { ...facts, notPublished: `${why} before ${name}` };
      }
      try {
        moved.push(await moveTag(course, image, destination, tag));
      } catch (error) {
        course.stop.abort();
        if (course.job.signal?.aborted && !(error instanceof RegistryError)) {
          return { ...facts, notPublished: `${INTERRUPTED} before ${name}` };
        }
        // Whatever it was: what has been tagged before must be told.
        const subject = { image: image.image, reference: destination.target.repository, tag };
        course.findings.push(registryFailed(subject, error));
        return { ...facts, notPublished: `${name}: ${explain(error)}` };
      }
    }
  }
  return facts;
}

async function publishTogether(course: Course): Promise<readonly Publication[]> {
  const work = course.job.images.map((image) => prepare(course, image));
  await everyOne(work);
  const prepared = await Promise.all(work);
  const ready = prepared.flatMap((one) => ('destinations' in one ? [one] : []));
  if (ready.length < prepared.length) {
    const why = course.job.signal?.aborted ? INTERRUPTED : 'another image could not be uploaded';
    return prepared.map((one) => untagged(one.image, 'reason' in one ? one.reason : why));
  }
  const publications: Publication[] = [];
  for (const { image, destinations } of ready) {
    publications.push(await moveTags(course, image, destinations));
  }
  return publications;
}

async function publishOne(course: Course, image: ImageToPublish): Promise<Publication> {
  const prepared = await prepare(course, image);
  return 'reason' in prepared
    ? untagged(image, prepared.reason)
    : moveTags(course, image, prepared.destinations);
}

async function publishEach(
  job: PublishJob,
  one: (image: ImageToPublish) => Promise<Publication>,
): Promise<readonly Publication[]> {
  const work = job.images.map(one);
  await everyOne(work);
  return Promise.all(work);
}

/**
 * Uploads what was tried, byte for byte: blobs, platform and attestation
 * manifests by digest, the index by digest, and last the tags. A failure stops
 * what is left of it (`together`: of everything) before further tags move; a
 * rerun finds what is there already. The signal ends it between requests.
 *
 * Failures of registries are findings, and so is every other one: where the layout
 * or an index is not what the facts say, nothing of that image is sent.
 */
export async function publish(job: PublishJob): Promise<Published> {
  const findings: Finding[] = [];
  const give = shareUploads(job, job.limit);
  const publications =
    job.publish === 'together'
      ? await publishTogether(newCourse(job, give, findings))
      : await publishEach(job, (image) => publishOne(newCourse(job, give, findings), image));
  return { publications, findings };
}
