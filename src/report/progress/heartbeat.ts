import type { Clock } from '../../ports/index.js';

/** Milliseconds after which a log without a new line looks as if the run had stopped. */
const INTERVAL = 60_000;

interface Heartbeat {
  /** A line was written: the interval begins anew. */
  readonly written: () => void;
  readonly stop: () => void;
}

/** Calls back after each minute in which nothing was written, from the first line until it is stopped. */
export function heartbeat(clock: Pick<Clock, 'ticks' | 'sleep'>, beat: () => void): Heartbeat {
  const stopped = new AbortController();
  let since: number | undefined;
  const watch = async (begin: number) => {
    since = begin;
    while (!stopped.signal.aborted) {
      const left = since + INTERVAL - clock.ticks();
      if (left > 0) await clock.sleep(left, stopped.signal, { ref: false }).catch(() => {});
      else {
        since = clock.ticks();
        beat();
      }
    }
  };
  const written = () => {
    if (since === undefined) void watch(clock.ticks());
    else since = clock.ticks();
  };
  return { written, stop: () => stopped.abort() };
}
