import type { PublishCourse, PublishJob } from './job.js';
import { type ManifestPut, put } from './send.js';
import type { TagMove } from './tag-moves.js';

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

/** Puts an index under a tag; its parts are in the repository. `again` comes before each further try. */
export function putTag(
  course: PublishCourse,
  { destination: { repository }, tag }: Pick<TagMove, 'destination' | 'tag'>,
  index: ManifestPut,
  again: () => Promise<void>,
): Promise<void> {
  const { job } = course;
  const { bytes, descriptor } = index;
  const { mediaType } = descriptor;
  let tries = 0;
  return put(course, repository, index, async () => {
    if (tries++ > 0) await again();
    const { signal } = job;
    await withGrace(job, (cut) =>
      repository.putManifest(tag, { bytes, mediaType }, { signal, cut, again }),
    );
  });
}
