/** Requests that belong together: they have one signal, and the first failure stops the others. */
export interface Course {
  /** Comes with the signal that the course was opened with, or with `stop`. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Begins a course, which ends with `signal` where one is given. */
export function openCourse(signal?: AbortSignal): Course {
  const stop = new AbortController();
  return {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    stop: () => stop.abort(),
  };
}

/** The same work; its failure stops the course. */
export function orStop<T>(course: Course, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    course.stop();
    throw error;
  });
}

/**
 * What all of it gives, when all of it has ended: no request is left running
 * behind a failure. Rejects with the first failure that is not just an abort.
 */
export async function everyOne<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const failed = (await Promise.allSettled(work)).filter((one) => one.status === 'rejected');
  const real = failed.find(({ reason }) => reason?.name !== 'AbortError') ?? failed[0];
  if (real !== undefined) throw real.reason;
  return Promise.all(work);
}
