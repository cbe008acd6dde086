/** Requests that belong together: they have one signal, and the first failure stops the others. */
export interface RequestGroup {
  /** Comes with the signal that the group was opened with, or with `stop`. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Begins a group, which ends with `signal` where one is given. */
export function openRequestGroup(signal?: AbortSignal): RequestGroup {
  const stop = new AbortController();
  return {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    stop: () => stop.abort(),
  };
}

/** The same work; its failure stops the group. */
export function stopOnFailure<T>(group: RequestGroup, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    group.stop();
    throw error;
  });
}

/**
 * What all of it gives, when all of it has ended: no request is left running
 * behind a failure. Rejects with the first failure that is not just an abort.
 */
export async function settleAll<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const failed = (await Promise.allSettled(work)).filter((one) => one.status === 'rejected');
  const real = failed.find(({ reason }) => reason?.name !== 'AbortError') ?? failed[0];
  if (real !== undefined) throw real.reason;
  return Promise.all(work);
}
