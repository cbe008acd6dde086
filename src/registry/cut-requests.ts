import type { Clock } from '../ports/index.js';

/** A request that the end of a run cut off. */
export interface CutRequest {
  /** Method and URL, as errors show it. */
  readonly request: string;
  /** Milliseconds since it was sent. */
  readonly waited: number;
}

/** What a client was waiting for when it was stopped. */
export interface CutRequests {
  /** Does one exchange, and notes it where its signal ends it. */
  watch<T>(request: string, work: () => Promise<T>): Promise<T>;
  /** The one that was waited for longest. */
  longest(): CutRequest | undefined;
}

export function createCutRequests(clock: Pick<Clock, 'ticks'>): CutRequests {
  let longest: CutRequest | undefined;
  return {
    async watch(request, work) {
      const since = clock.ticks();
      try {
        return await work();
      } catch (error) {
        const waited = clock.ticks() - since;
        const isCut = (error as Error)?.name === 'AbortError';
        if (isCut && waited > (longest?.waited ?? 0)) longest = { request, waited };
        throw error;
      }
    },
    longest: () => longest,
  };
}
