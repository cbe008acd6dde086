import { setTimeout as wait } from 'node:timers/promises';
import { defined } from '../types/index.js';

/** The time, and waiting. */
export interface Clock {
  /** The time of day. */
  now(): Date;
  /** Milliseconds on a clock that never goes back. */
  ticks(): number;
  /**
   * Rejects with an AbortError when the signal comes first. With `ref: false`,
   * as node's timers have it, the process does not stay alive for it.
   */
  sleep(
    milliseconds: number,
    signal?: AbortSignal,
    options?: { readonly ref?: boolean },
  ): Promise<void>;
}

/** The real clock. */
export const clock: Clock = {
  now: () => new Date(),
  ticks: () => performance.now(),
  sleep: (milliseconds, signal, options = {}) =>
    wait(milliseconds, undefined, { ...options, ...defined({ signal }) }),
};
