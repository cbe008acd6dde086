import { brokenOff, type Descriptor, INTERRUPTED } from '../evidence/index.js';
import {
  everyOne,
  orStop,
  parseReference,
  type RegistryClient,
  RegistryError,
  type Repository,
  reasonIn,
  registryFailed,
} from '../registry/index.js';
import { type Before, servedBefore } from './before.js';
import { contentOf, type ManifestContent } from './content.js';
import type { ImageToPublish, PublishCourse, PublishTarget } from './job.js';
import { ofLayerTypes } from './refused-layer.js';

/** A repository that has all of an image's content. */
export interface Destination {
  readonly target: PublishTarget;
  readonly repository: Repository;
  /** By tag. */
  readonly before: ReadonlyMap<string, Before | undefined>;
}

/** Where an image's content has arrived completely, or why it has not. */
type Filled =
  | { readonly image: ImageToPublish; readonly destinations: readonly Destination[] }
  | { readonly image: ImageToPublish; readonly reason: string };

function repositoryOf(client: RegistryClient, target: PublishTarget): Repository {
  const parsed = parseReference(target.location ?? target.repository);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return client.repository(parsed.reference.registry, parsed.reference.repository);
}

/** A repository, and what one image's targets say of it. */
interface Place {
  readonly repository: Repository;
  /** As the evidence names it. */
  readonly name: string;
  readonly targets: readonly PublishTarget[];
}

/** Each repository once: some registries damage what is written twice at the same time. */
function placesOf(client: RegistryClient, targets: readonly PublishTarget[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const target of targets) {
    const repository = repositoryOf(client, target);
    const { name, targets: known } = places.get(repository.name) ?? {
      name: target.repository,
      targets: [],
    };
    places.set(repository.name, { repository, name, targets: [...known, target] });
  }
  return [...places.values()];
}

async function servedAt(
  { job, signal }: PublishCourse,
  ours: string,
  repository: Repository,
  tags: readonly string[],
) {
  const before = new Map<string, Before | undefined>();
  for (const tag of tags) {
    before.set(tag, await job.limit(() => servedBefore(repository, tag, ours, signal)));
  }
  return before;
}

async function sendManifest(
  course: PublishCourse,
  repository: Repository,
  { bytes, descriptor, blobs }: ManifestContent,
  bases?: readonly string[],
) {
  const give = (blob: Descriptor) => orStop(course, course.give(repository, blob, course.signal));
  await everyOne(blobs.map(give));
  const { digest, mediaType } = descriptor;
  await course.job
    .limit(() => repository.putManifest(digest, { bytes, mediaType }, course.signal))
    .catch((error: unknown) => {
      throw ofLayerTypes(error, { bytes, descriptor }, bases);
    });
}

/** Blobs, then manifests, then the index, all by digest: nobody can pull it by a tag yet. */
async function fillOne(
  course: PublishCourse,
  image: ImageToPublish,
  manifests: readonly ManifestContent[],
  { repository, name, targets }: Place,
): Promise<readonly Destination[]> {
  try {
    const { digest: ours } = image.index.descriptor;
    const destinations: Destination[] = [];
    for (const target of targets) {
      const before = await servedAt(course, ours, repository, target.tags);
      destinations.push({ target, repository, before });
    }
    const basesOf = ({ descriptor }: ManifestContent) => image.bases?.get(descriptor.digest);
    await everyOne(
      manifests.map((manifest) => sendManifest(course, repository, manifest, basesOf(manifest))),
    );
    await sendManifest(course, repository, { ...image.index, blobs: [] });
    return destinations;
  } catch (error) {
    if (error instanceof RegistryError) {
      const subject = { image: image.image, reference: name };
      course.findings.push(registryFailed(subject, error));
    }
    course.stop();
    throw error;
  }
}

/** Brings an image's content into all its repositories. */
export async function fill(course: PublishCourse, image: ImageToPublish): Promise<Filled> {
  try {
    const manifests = await contentOf(image.index, image.platforms, course.job.open);
    const places = placesOf(course.job.client, image.targets);
    const work = places.map((place) => fillOne(course, image, manifests, place));
    return { image, destinations: (await everyOne(work)).flat() };
  } catch (error) {
    course.stop();
    if (course.job.signal?.aborted) return { image, reason: INTERRUPTED };
    if (error instanceof RegistryError) return { image, reason: reasonIn(error) };
    if ((error as Error)?.name === 'AbortError') {
      return { image, reason: 'another upload of the run failed' };
    }
    // Other images may be tagged already: what became of them must be told.
    course.findings.push(brokenOff({ image: image.image }, 'Publishing', error));
    return { image, reason: 'its publishing was broken off' };
  }
}
