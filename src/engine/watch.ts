import { type Captured, type Clock, capture } from '../ports/index.js';
import type { Attached, Engine } from './engine.js';
import { notStarted } from './errors.js';

/** A container that is only just starting cannot be killed yet: times, and milliseconds between them; in all no longer than that. */
const KILLS = 6;
const KILL_AGAIN = 500;

/** What a container's program wrote, and whether its time was over before it ended. */
export interface Watched {
  readonly stdout: Captured;
  readonly stderr: Captured;
  readonly timedOut: boolean;
}

/** Waits for the limit or the run's interruption and then sees to it that the program ends. */
async function guard(
  attached: Attached,
  kill: () => Promise<void>,
  limit: number,
  clock: Clock,
  ended: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const either = AbortSignal.any([ended, ...(signal === undefined ? [] : [signal])]);
  const over = await clock.sleep(limit, either).then(
    () => true,
    () => false,
  );
  const timedOut = over && !ended.aborted;
  const from = clock.ticks();
  const mayKill = () => !ended.aborted && clock.ticks() - from < KILLS * KILL_AGAIN;
  for (let kills = 0; kills < KILLS && mayKill(); kills++) {
    // An engine that does not even kill is found out afterwards: the container still runs.
    await kill().catch(() => {});
    await clock.sleep(KILL_AGAIN, ended).catch(() => {});
  }
  if (!ended.aborted) attached.leave();
  return timedOut;
}

/**
 * Starts a container and reads both outputs, their last `output` bytes, until the
 * program ends, its `time` (milliseconds) is over, or the run is interrupted. It is
 * killed then; one that the engine does not end is left, and `inspect` says that it
 * runs. Rejects with `EngineError` where it could not be started at all.
 */
export async function watchContainer(
  container: string,
  limits: { readonly time: number; readonly output: number },
  engine: Pick<Engine, 'start' | 'kill'>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Watched> {
  const attached = engine.start(container);
  const ended = new AbortController();
  const reading = Promise.all([
    capture(attached.stdout, limits.output),
    capture(attached.stderr, limits.output),
    attached.ended,
  ]).finally(() => ended.abort());
  const kill = () => engine.kill(container);
  const [[stdout, stderr, exit], timedOut] = await Promise.all([
    reading,
    guard(attached, kill, limits.time, clock, ended.signal, signal),
  ]);
  if (exit.notStarted !== undefined) throw notStarted(exit.notStarted);
  return { stdout, stderr, timedOut };
}
