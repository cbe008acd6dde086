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
    const basesOf = ({ descriptor }: ManifestContent) => image.bases?.get(descriptor.digest);
    await everyOne(
      manifests.map((manifest) => sendManifest(course, repository, manifest, basesOf(manifest))),
    );
    await sendManifest(course, repository, { ...image.index, blobs: [] });
    return { target, repository, before };
  } catch (error) {
    if (error instanceof RegistryError) {
      const subject = { image: image.image, reference: target.repository };
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
    const work = image.targets.map((target) => fillOne(course, image, manifests, target));
    return { image, destinations: await everyOne(work) };
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
