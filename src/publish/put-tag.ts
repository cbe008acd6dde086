import type { PublishCourse, PublishJob } from './job.js';
import type { Destination } from './look.js';
import { type Put, put } from './send.js';

/** Milliseconds that a tag under way still gets when the run is interrupted. */
export const GRACE = 2_500;

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

/** Puts an index under a tag; its parts are in the repository. */
export function putTag(
  course: PublishCourse,
  { repository }: Destination,
  tag: string,
  index: Put,
): Promise<void> {
  const { job } = course;
  const { bytes, descriptor } = index;
  const { mediaType } = descriptor;
  return put(course, repository, index, () =>
    withGrace(job, (cut) => repository.putManifest(tag, { bytes, mediaType }, job.signal, cut)),
  );
}
