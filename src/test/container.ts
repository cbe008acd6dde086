import { writeDuration } from '../document/index.js';
import {
  type ContainerSpec,
  type ContainerState,
  type Engine,
  EngineError,
  layersRefused,
  type Watched,
  watchContainer,
} from '../engine/index.js';
import type { PlannedTest } from '../evidence/index.js';
import { signalIn } from '../platform/index.js';
import type { CapturedOutput, Clock } from '../ports/index.js';
import { defined } from '../types/index.js';
import { type CommandLine, commandLine } from './command-line.js';
import { emulatedDeath, faultIn, uncaughtSignal } from './emulator.js';
import type { Ending } from './ending.js';
import {
  announced,
  launcherEnv,
  launcherLine,
  launcherRefusal,
  withoutBeginning,
} from './launcher.js';
import type { ImageUnderTest, TestTools } from './order.js';

/** The end of an output that patterns are matched against, in bytes. */
export const OUTPUT_LIMIT = 4 * 1024 * 1024;

/**
 * The container that runs a test: a string goes through the image's shell, a list is executed
 * as it is; both by way of the launcher where the image has one.
 */
export function containerOf(test: PlannedTest, tested: ImageUnderTest): ContainerSpec {
  const [program, ...words] = insideLine(test, tested).words;
  const rest = throughShell(test, tested) ? words.map(announced) : words;
  return {
    image: tested.imageId,
    platform: tested.platform,
    ...defined({ entrypoint: program }),
    arguments: rest,
    env: tested.hasLauncher ? { ...test.env, ...launcherEnv(test) } : test.env,
    ...defined({ user: test.user, workdir: test.workdir, network: test.network }),
    labels: tested.labels,
  };
}

/** Whether the launcher starts a shell for a test; its text is the one word then. */
function throughShell({ run }: PlannedTest, { hasLauncher = false }: ImageUnderTest): boolean {
  return hasLauncher && run !== undefined && 'shell' in run;
}

/** What a test executes in its container. */
export function insideLine(
  test: PlannedTest,
  { image, shellFile, hasLauncher = false }: ImageUnderTest,
): CommandLine {
  if (hasLauncher) return launcherLine(test);
  const file = defined({ file: shellFile });
  return commandLine(test, { words: image.shell, ...file });
}

const NOTHING: CapturedOutput = { text: '', bytes: 0, truncated: false };

function neverStarted(why: string): Ending {
  return {
    notStarted: why,
    timedOut: false,
    outOfMemory: false,
    stdout: NOTHING,
    stderr: NOTHING,
  };
}

const NO_PROGRAM = 'neither the image (ENTRYPOINT or CMD) nor the test names a program';

/** What an engine says where the image or the test names something that cannot be started. */
const OF_IMAGE =
  /exec: |exec format error|no such file or directory|permission denied|not a directory|unable to find (user|group)|no matching entries|chdir|environment variable (name|value) can't/i;

/** Why no container can be made of an image; undefined where that is not the image's fault. */
function makeError(said: string): string | undefined {
  return /no command specified/i.test(said) ? NO_PROGRAM : layersRefused(said);
}

/** Why the program could not be started. Rejects where that was the engine's fault. */
function startError({ error }: ContainerState): string {
  if (!OF_IMAGE.test(error)) {
    throw new EngineError(
      'failed',
      `The Docker engine could not start a container: ${error}`,
      error,
    );
  }
  return (
    error.replace(/^.*?(?=exec:|exec )|^.*error during container init: /s, '').trim() ||
    error.trim()
  );
}

/** What the container's first process says when execve(2) fails: `exec /app: exec format error`. */
const NOT_EXECUTED = /^exec \S+: (exec format error|no such file or directory|permission denied)$/;

function notExecuted(
  state: ContainerState,
  { stdout, stderr }: Watched,
  hasLauncher: boolean,
): string | undefined {
  const refusal = hasLauncher ? launcherRefusal(state.exitCode, stdout.text) : undefined;
  if (refusal !== undefined) return refusal;
  if (state.exitCode === 0 || stdout.bytes > 0) return undefined;
  const said = stderr.text.trim();
  return NOT_EXECUTED.test(said) ? said : undefined;
}

const NOT_BEGUN =
  'a script that the image runs in each shell (.profile, profile.d or BASH_ENV) ended before the test began';

/** A program that has died has the exit code that its container would have had natively. */
function exitCodeOf(state: ContainerState, { timedOut, died }: Watched): number | undefined {
  if (died !== undefined) return 128 + died;
  return timedOut ? undefined : state.exitCode;
}

function signalOf(exitCode: number | undefined, { lives, stderr }: Watched, emulated: boolean) {
  if (exitCode !== undefined) return signalIn(exitCode);
  // What was said last may be about a program that another one has started and outlived.
  return emulated && lives !== true ? uncaughtSignal(stderr.text) : undefined;
}

function endingOf(
  state: ContainerState,
  heard: Watched,
  test: PlannedTest,
  tested: ImageUnderTest,
): Ending {
  const { emulated, hasLauncher = false } = tested;
  const { begun, stderr } = throughShell(test, tested)
    ? withoutBeginning(heard.stderr)
    : { begun: true, stderr: heard.stderr };
  const watched = { ...heard, stderr };
  const { stdout, timedOut } = watched;
  if (state.running) {
    const said = stderr.text.trim().split('\n').slice(-5).join('\n');
    const wasEnded = timedOut || watched.died !== undefined;
    const what = wasEnded ? 'did not stop a container after its time limit' : 'lost a container';
    throw new EngineError('failed', `The Docker engine ${what}; it was still running.`, said);
  }
  const { outOfMemory } = state;
  const refused = state.error === '' ? undefined : startError(state);
  if (refused !== undefined) {
    // What the client writes about a container that did not start is the engine's, not the test's.
    return { ...neverStarted(refused), exitCode: state.exitCode, outOfMemory };
  }
  const exitCode = exitCodeOf(state, watched);
  const signal = signalOf(exitCode, watched, emulated);
  const hasEnded = exitCode !== undefined && signal === undefined;
  const notStarted =
    notExecuted(state, watched, hasLauncher) ?? (!begun && hasEnded ? NOT_BEGUN : undefined);
  return {
    ...defined({ exitCode, notStarted, signal }),
    ...(emulated ? faultIn({ stdout, stderr }, tested.tarWords) : {}),
    timedOut,
    outOfMemory,
    stdout,
    stderr,
  };
}

/** A container for a test, or why the image is none that one can be made of. */
async function makeContainer(
  test: PlannedTest,
  tested: ImageUnderTest,
  engine: Engine,
): Promise<string | Ending> {
  try {
    return await engine.create(containerOf(test, tested));
  } catch (error) {
    const why = error instanceof EngineError ? makeError(error.said) : undefined;
    if (why === undefined) throw error;
    return neverStarted(why);
  }
}

interface ContainerRun {
  /** In milliseconds, for filling the container and for its program. */
  readonly timeout: number;
  /** Fills the container before it starts; the signal ends that. */
  readonly prepare: (container: string, signal: AbortSignal) => Promise<void>;
}

/** Fills a container in the time of its test; answers the milliseconds that took. */
async function fill(
  container: string,
  { timeout, prepare }: ContainerRun,
  clock: Clock,
): Promise<number> {
  const [late, filled] = [new AbortController(), new AbortController()];
  const from = clock.ticks();
  clock.sleep(timeout, filled.signal).then(
    () => late.abort(),
    () => {},
  );
  const outcome = await prepare(container, late.signal).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  filled.abort();
  if (late.signal.aborted) {
    const message = `Its mounts could not be copied into its container within ${writeDuration(timeout)}, the time that it may take, so that it was not started: mount less, or raise its timeout.`;
    throw new EngineError('failed', message, '');
  }
  if (outcome !== undefined) throw outcome.error;
  return clock.ticks() - from;
}

interface ContainerTools extends Pick<TestTools, 'engine' | 'later' | 'signal'> {
  readonly clock: Clock;
}

/**
 * Runs a test in a fresh container that can be removed when this answers,
 * whatever happens; `later` is given it. Rejects with `EngineError`.
 */
export async function runInContainer(
  test: PlannedTest,
  tested: ImageUnderTest,
  run: ContainerRun,
  { engine, clock, later, signal }: ContainerTools,
): Promise<Ending> {
  const container = await makeContainer(test, tested, engine);
  if (typeof container !== 'string') return container;
  try {
    const copying = await fill(container, run, clock);
    const death = tested.emulated ? { death: emulatedDeath(container, engine) } : {};
    const time = Math.max(1, run.timeout - copying);
    const limits = { time, output: OUTPUT_LIMIT, ...death };
    const watched = await watchContainer(container, limits, { engine, clock, signal });
    return { ...endingOf(await engine.inspect(container), watched, test, tested), copying };
  } finally {
    later(() => engine.remove(container));
  }
}
