import type { Attached, ContainerSpec, Engine } from '../engine/index.js';
import type { ImageFacts, PlannedTest } from '../evidence/index.js';
import { type Captured, type Clock, capture } from '../ports/index.js';
import type { Ending } from './judge.js';

/** Where a trial's tests run. */
export interface Berth {
  readonly platform: string;
  /** The engine's id of the image under test. */
  readonly imageId: string;
  readonly image: ImageFacts;
  readonly labels: Readonly<Record<string, string>>;
}

/** The end of an output that patterns are matched against, in bytes. */
export const OUTPUT_LIMIT = 4 * 1024 * 1024;

/** How long a program without a test of its own is watched, in milliseconds. */
const START_WATCH = 5_000;

const DEFAULT_SHELL = ['/bin/sh', '-c'];

/** The container that runs a test: a string goes through the image's shell, a list is executed as it is. */
export function containerOf(test: PlannedTest, berth: Berth): ContainerSpec {
  const [program, ...rest] = argv(test, berth.image);
  return {
    image: berth.imageId,
    platform: berth.platform,
    ...(program === undefined ? {} : { entrypoint: program }),
    arguments: rest,
    env: test.env,
    ...(test.user === undefined ? {} : { user: test.user }),
    ...(test.workdir === undefined ? {} : { workdir: test.workdir }),
    ...(test.network === undefined ? {} : { network: test.network }),
    labels: berth.labels,
  };
}

function argv(test: PlannedTest, image: ImageFacts): readonly string[] {
  if (test.run === undefined) return [];
  if ('exec' in test.run) return test.run.exec;
  return [...(image.shell.length > 0 ? image.shell : DEFAULT_SHELL), test.run.shell];
}

interface Watched {
  readonly outputs: readonly [Captured, Captured];
  readonly timedOut: boolean;
}

/** Reads both outputs until the program ends, the time is over, or the run is interrupted. */
async function watch(
  attached: Attached,
  stop: () => Promise<void>,
  limit: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Watched> {
  const ended = new AbortController();
  let timedOut = false;
  const watching = clock
    .sleep(limit, AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]))
    .then(() => {
      timedOut = true;
    })
    .catch(() => {})
    .then(() => (ended.signal.aborted ? undefined : stop()));
  const outputs = await Promise.all([
    capture(attached.stdout, OUTPUT_LIMIT),
    capture(attached.stderr, OUTPUT_LIMIT),
    attached.ended,
  ]);
  ended.abort();
  await watching;
  return { outputs: [outputs[0], outputs[1]], timedOut };
}

const NOTHING: Captured = { text: '', bytes: 0, truncated: false };

/** The engine's error without its prefixes, which say how runc was called. */
function startError(words: string): string {
  return words.replace(/^.*?(?=exec:|exec )/s, '').trim() || words.trim();
}

/**
 * Runs a test in a fresh container that is gone afterwards, whatever happens.
 * `prepare` fills the container before it starts. Rejects with `EngineError`.
 */
export async function runInContainer(
  test: PlannedTest,
  berth: Berth,
  timeout: number,
  prepare: (container: string) => Promise<void>,
  engine: Engine,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Ending> {
  const container = await engine.create(containerOf(test, berth));
  try {
    await prepare(container);
    const limit = test.kind === 'start' ? Math.min(timeout, START_WATCH) : timeout;
    const attached = engine.start(container);
    const watched = await watch(attached, () => engine.kill(container), limit, clock, signal);
    const state = await engine.inspect(container);
    const [stdout, stderr] = watched.outputs;
    const started = state.error === '';
    return {
      ...(watched.timedOut ? {} : { exitCode: state.exitCode }),
      ...(started ? {} : { notStarted: startError(state.error) }),
      timedOut: watched.timedOut,
      outOfMemory: state.outOfMemory,
      // What the client writes about a container that did not start is the engine's, not the test's.
      stdout: started ? stdout : NOTHING,
      stderr: started ? stderr : NOTHING,
    };
  } finally {
    await engine.remove(container);
  }
}
