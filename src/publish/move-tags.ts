import { type Finding, INTERRUPTED, type Publication } from '../evidence/index.js';
import {
  RegistryError,
  type RegistryErrorCode,
  reasonIn,
  registryFailed,
} from '../registry/index.js';
import type { Destination } from './fill.js';
import type { ImageToPublish, PublishCourse, PublishJob } from './job.js';
import { lookAgain } from './look-again.js';

type TargetFacts = Publication['targets'][number];

/** Milliseconds that a tag under way still gets when the run is interrupted. */
const GRACE = 2_500;

/** Failures that do not say whether the registry did what it was asked. */
const OPEN: ReadonlySet<RegistryErrorCode> = new Set(['timed-out', 'cut-off', 'server']);

/** Work that is cut off some time after the job was interrupted. */
async function withGrace<T>(
  { signal, clock }: PublishJob,
  work: (cut: AbortSignal) => Promise<T>,
): Promise<T> {
  const cut = new AbortController();
  const done = new AbortController();
  const begin = () => {
    clock.sleep(GRACE, done.signal).then(
      () => cut.abort(),
      () => {},
    );
  };
  signal?.addEventListener('abort', begin, { once: true, signal: done.signal });
  try {
    return await work(cut.signal);
  } finally {
    done.abort();
  }
}

/** Moves one tag. */
async function moveTag(
  { job }: PublishCourse,
  image: ImageToPublish,
  { target, repository, before }: Destination,
  tag: string,
): Promise<TargetFacts> {
  const { bytes, descriptor } = image.index;
  const { mediaType, digest } = descriptor;
  await withGrace(job, (cut) => repository.putManifest(tag, { bytes, mediaType }, job.signal, cut));
  const served = before.get(tag);
  return {
    repository: target.repository,
    embedded: job.embedded,
    tag,
    digest,
    ...(served === undefined ? {} : { before: served }),
    at: job.clock.now().toISOString(),
  };
}

/** Why a tag is not known to have moved: for the facts, and as a finding. */
function notMoved(
  { job }: PublishCourse,
  { image, index }: ImageToPublish,
  { target }: Destination,
  tag: string,
  error: unknown,
): { readonly reason: string; readonly finding: Finding } {
  const name = `${target.repository}:${tag}`;
  const finding = registryFailed({ image, reference: target.repository, tag }, error);
  if (job.signal?.aborted && !(error instanceof RegistryError)) {
    const message = `${name} may have moved to ${index.descriptor.digest}: ${INTERRUPTED} while the tag was written, and the registry did not answer within ${GRACE / 1000} s after that.`;
    return {
      reason: `${INTERRUPTED} while ${name} was written; the tag may have moved`,
      finding: { ...finding, message, remedy: 'Look at what the tag serves, or run again.' },
    };
  }
  const open = error instanceof RegistryError && OPEN.has(error.code);
  const reason = `${name}: ${reasonIn(error)}`;
  if (!open) return { reason, finding };
  return {
    reason: `${reason}; the tag may have moved all the same`,
    finding: { ...finding, message: `${finding.message} The tag may have moved all the same.` },
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
      if (course.signal.aborted) {
        const why = course.job.signal?.aborted ? INTERRUPTED : 'a tag of another image failed';
        return { ...facts, notPublished: `${why} before ${destination.target.repository}:${tag}` };
      }
      const obstacle = await lookAgain(course, { image, destination, tag });
      if (obstacle !== undefined) {
        course.stop();
        return { ...facts, notPublished: obstacle };
      }
      try {
        moved.push(await moveTag(course, image, destination, tag));
      } catch (error) {
        course.stop();
        // Whatever it was: what has been tagged before must be told.
        const { reason, finding } = notMoved(course, image, destination, tag, error);
        course.findings.push(finding);
        return { ...facts, notPublished: reason };
      }
    }
  }
  return facts;
}
