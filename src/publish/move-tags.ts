import { INTERRUPTED, type Publication } from '../evidence/index.js';
import { explain, RegistryError, registryFailed } from '../registry/index.js';
import type { Destination } from './fill.js';
import type { ImageToPublish, PublishCourse } from './job.js';

type TargetFacts = Publication['targets'][number];

/** Moves one tag. A PUT that has begun is finished, also when the run is interrupted. */
async function moveTag(
  course: PublishCourse,
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
export async function moveTags(
  course: PublishCourse,
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
        course.stop();
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
