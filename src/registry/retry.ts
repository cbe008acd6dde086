import type { Clock } from '../ports/index.js';
import { RegistryError } from './errors.js';
import type { LagClock } from './lag-clock.js';

interface RetryPolicy {
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Called with each pause, in milliseconds, that the registry asked for. */
  readonly waits?: ((pause: number) => void) | undefined;
  /** Called with each silence, and how many tries have been made, before another one. */
  readonly silences?: ((error: RegistryError, tries: number) => void) | undefined;
  readonly registry: string;
  /** For a registry that has said something else before. */
  readonly lag: LagClock;
}

export const TRIES = 5;
const TRIES_REFUSED = 3;
/** What was pushed a moment ago and is not there is looked for so often, 16 s in all. */
const LOOKS = 6;
const LONGEST_PAUSE = 30_000;
/** All pauses of one request together; after a longer one there is no retry. */
export const LONGEST_WAIT = 180_000;

const TRANSIENT = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

export function isTransientStatus(status: number): boolean {
  return TRANSIENT.has(status);
}

/** Milliseconds of a `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** Milliseconds to wait after the try number `attempt` (from 1), or undefined to give up. */
function pauseAfter(error: unknown, attempt: number, random: number): number | undefined {
  if (!(error instanceof RegistryError) || !error.transient) return undefined;
  if (attempt >= (error.code === 'unreachable' ? TRIES_REFUSED : TRIES)) return undefined;
  const own = Math.min(LONGEST_PAUSE, 1000 * 2 ** (attempt - 1)) * (0.5 + random / 2);
  return Math.max(own, error.retryAfter ?? 0);
}

/** Whether the registry only contradicts itself: that passes within the time for lags, or not. */
function isLag(error: unknown, attempt: number): boolean {
  if (!(error instanceof RegistryError)) return false;
  return error.code === 'inconsistent' || (error.fresh && attempt < LOOKS);
}

/**
 * Repeats `once` while it fails in a way that may pass, at most five times and
 * three minutes of pauses; while the registry only contradicts itself, as long as
 * the clock of lags goes. `once` must be safe to repeat.
 */
export async function retrying<T>(
  policy: RetryPolicy,
  once: (attempt: number) => Promise<T>,
): Promise<T> {
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(attempt);
    } catch (error) {
      if (isLag(error, attempt)) {
        if (await policy.lag.wait(policy.registry, attempt, policy.signal)) continue;
        throw error;
      }
      const pause = pauseAfter(error, attempt, policy.random());
      if (pause === undefined || waited + pause > LONGEST_WAIT) throw error;
      if (error instanceof RegistryError && pause === error.retryAfter) policy.waits?.(pause);
      if (error instanceof RegistryError && error.code === 'timed-out') {
        policy.silences?.(error, attempt);
      }
      await policy.clock.sleep(pause, policy.signal);
      waited += pause;
    }
  }
}
