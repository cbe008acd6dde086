import { brokenOff, INTERRUPTED } from '../evidence/index.js';
import { RegistryError, reasonOf, registryFailed, waitedFor } from '../registry/index.js';
import type { ImageToPublish, PublishCourse, PublishTarget } from './job.js';

/** What a step gave for an image, or why the image goes no further. */
export type Step<T> =
  | { readonly image: ImageToPublish; readonly value: T }
  | { readonly image: ImageToPublish; readonly reason: string };

/** Milliseconds after which a request is one that is waited for. */
const LONG = 5_000;

/** That the run was interrupted, and what it was waiting for then, if it did. */
function interrupted({ job }: PublishCourse): string {
  const cut = job.client.cuts.longest();
  if (cut === undefined || cut.waited < LONG) return INTERRUPTED;
  return `${INTERRUPTED} while waiting for ${waitedFor(cut)}`;
}

/** One step of an image; a failure stops the course, and is told. */
export async function step<T>(
  course: PublishCourse,
  image: ImageToPublish,
  work: () => Promise<T>,
): Promise<Step<T>> {
  try {
    return { image, value: await work() };
  } catch (error) {
    course.stop();
    if (course.job.signal?.aborted) return { image, reason: interrupted(course) };
    if (error instanceof RegistryError) return { image, reason: reasonOf(error) };
    if ((error as Error)?.name === 'AbortError') {
      return { image, reason: 'another image or target cannot be published' };
    }
    // Other images may be tagged already: what became of them must be told.
    course.findings.push(brokenOff({ image: image.image }, 'Publishing', error));
    return { image, reason: 'its publishing was stopped' };
  }
}

/** A part of a step, about one target: where its registry fails, that is a finding. */
export async function atTarget<T>(
  course: PublishCourse,
  { image }: ImageToPublish,
  { repository }: PublishTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RegistryError) {
      course.findings.push(registryFailed({ image, reference: repository }, error));
    }
    course.stop();
    throw error;
  }
}
