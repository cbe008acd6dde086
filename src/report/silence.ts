import type { Clock } from '../ports/index.js';

/** Milliseconds after which a log that shows nothing looks as if all had stopped. */
const LONG = 60_000;

interface Silence {
  /** Something was written: the silence begins anew. */
  readonly broken: () => void;
  readonly stop: () => void;
}

/** Calls back after each minute in which nothing was written, from the first writing until it is stopped. */
export function silence(clock: Pick<Clock, 'ticks' | 'sleep'>, lasted: () => void): Silence {
  const stopped = new AbortController();
  let since: number | undefined;
  const watch = async (begin: number) => {
    since = begin;
    while (!stopped.signal.aborted) {
      const left = since + LONG - clock.ticks();
      if (left > 0) await clock.sleep(left, stopped.signal, { ref: false }).catch(() => {});
      else {
        since = clock.ticks();
        lasted();
      }
    }
  };
  const broken = () => {
    if (since === undefined) void watch(clock.ticks());
    else since = clock.ticks();
  };
  return { broken, stop: () => stopped.abort() };
}
