import type { Clock } from '../ports/index.js';

/** Milliseconds that a run waits, all in all, for registries to show what they took. */
export const LONGEST_LAG = 60_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

/** One clock for everything of a run that a registry took and does not show yet. */
export interface LagClock {
  /**
   * Pauses before the next look; pauses grow with `attempt`, which is from 1. False, and
   * at once, where the time is over.
   */
  wait(registry: string, attempt: number, signal?: AbortSignal): Promise<boolean>;
}

/** `tell` is called with each pause, in milliseconds. Pauses at the same time count once. */
export function createLagClock(
  clock: Pick<Clock, 'ticks' | 'sleep'>,
  tell: (registry: string, pause: number) => void = () => {},
): LagClock {
  let left = LONGEST_LAG;
  let counted = Number.NEGATIVE_INFINITY;
  return {
    async wait(registry, attempt, signal) {
      const now = clock.ticks();
      const wanted = Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE);
      const free = Math.min(wanted, Math.max(0, counted - now));
      const more = Math.min(wanted - free, left);
      const pause = free + more;
      if (pause <= 0) return false;
      left -= more;
      counted = Math.max(counted, now + pause);
      tell(registry, pause);
      await clock.sleep(pause, signal);
      return true;
    },
  };
}
