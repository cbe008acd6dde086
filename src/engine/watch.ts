import { type CapturedOutput, type Clock, capture } from '../ports/index.js';
import type { Attached, Engine } from './engine.js';
import { notStarted } from './errors.js';

/** A container that is only just starting cannot be killed yet: times, and milliseconds between them; in all no longer than that. */
const KILLS = 6;
const KILL_AGAIN = 500;

/** Pauses, in milliseconds, between a sign of death and the looks at whether it is so. */
const LOOKS = [100, 400, 1_500];

/** As often as a program may give such a sign for nothing. */
const SIGNS = 5;

/** Characters of stderr in which a sign is looked for. */
const SIGN = 300;

/** What a container's program wrote, and whether its time was over before it ended. */
export interface Watched {
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly timedOut: boolean;
  /** The signal by which it has died although its container would have gone on for ever. */
  readonly died?: number;
  /** Nothing has died so, as the engine has shown when the time was over. */
  readonly lives?: true;
}

/** How it is known that a program has died whose container does not end. */
export interface Death {
  /** What stderr ends with then, and perhaps for other reasons. */
  readonly sign: RegExp;
  /** The signal's number, where it is so. Rejects where that cannot be told. */
  signal(): Promise<number | undefined>;
}

/** What is watched, and how it is ended. */
interface Guarded {
  readonly attached: Attached;
  kill(): Promise<void>;
  /** Looks whether the program has died, and says so. */
  look(): Promise<void>;
}

/** Looks, at each sign on stderr, whether the program has died. */
function heedSigns(sign: RegExp, look: () => Promise<void>, clock: Clock, over: AbortSignal) {
  let tail = '';
  let looking = false;
  let signs = 0;
  const lookOften = async () => {
    for (const pause of LOOKS) {
      await clock.sleep(pause, over);
      await look();
    }
  };
  return (piece: Buffer) => {
    tail = `${tail}${piece.toString('latin1')}`.slice(-SIGN);
    if (looking || signs === SIGNS || !sign.test(tail)) return;
    looking = true;
    signs += 1;
    // It rejects when it is over.
    lookOften()
      .catch(() => {})
      .finally(() => {
        looking = false;
      });
  };
}

/** Waits for the limit or `stop` and then sees to it that the program ends. */
async function guard(
  { attached, kill, look }: Guarded,
  limit: number,
  clock: Clock,
  { ended, stop }: { readonly ended: AbortSignal; readonly stop: AbortSignal },
): Promise<boolean> {
  const over = await clock.sleep(limit, AbortSignal.any([ended, stop])).then(
    () => true,
    () => false,
  );
  const timedOut = over && !ended.aborted;
  if (timedOut) await look();
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

interface WatchTools {
  readonly engine: Pick<Engine, 'start' | 'kill'>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a container and reads both outputs, their last `output` bytes, until the
 * program ends, its `time` (milliseconds) is over, or the run is interrupted. It is
 * killed then, and where it has died without an end of its container; one that the
 * engine does not end is left, and `inspect` says that it runs. Rejects with
 * `EngineError` where it could not be started at all.
 */
export async function watchContainer(
  container: string,
  limits: { readonly time: number; readonly output: number; readonly death?: Death },
  { engine, clock, signal }: WatchTools,
): Promise<Watched> {
  const { death } = limits;
  const attached = engine.start(container);
  const [ended, dead] = [new AbortController(), new AbortController()];
  const stop = AbortSignal.any([dead.signal, ...(signal === undefined ? [] : [signal])]);
  let lives = false;
  const look = async () => {
    try {
      const by = await death?.signal();
      lives = by === undefined;
      if (!lives) dead.abort(by);
    } catch {
      // An engine that does not tell leaves it to the limit of time.
      lives = false;
    }
  };
  const either = AbortSignal.any([ended.signal, stop]);
  const heard = death && heedSigns(death.sign, look, clock, either);
  const reading = Promise.all([
    capture(attached.stdout, limits.output),
    capture(attached.stderr, limits.output, heard),
    attached.ended,
  ]).finally(() => ended.abort());
  const kill = () => engine.kill(container);
  const [[stdout, stderr, exit], timedOut] = await Promise.all([
    reading,
    guard({ attached, kill, look }, limits.time, clock, { ended: ended.signal, stop }),
  ]);
  if (exit.notStarted !== undefined) throw notStarted(exit.notStarted);
  if (!dead.signal.aborted) {
    return { stdout, stderr, timedOut, ...(death && timedOut && lives ? { lives } : {}) };
  }
  return { stdout, stderr, timedOut: false, died: dead.signal.reason };
}
