import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { PlannedTest } from '../evidence/index.js';
import { signalIn } from '../platform/index.js';
import {
  capture,
  childEnvironment,
  type Exit,
  endMarkedProcesses,
  explainStartFailure,
  type Ports,
  signalNumber,
} from '../ports/index.js';
import { defined } from '../types/index.js';
import { commandLine } from './command-line.js';
import { OUTPUT_LIMIT } from './container.js';
import { faultIn } from './emulator.js';
import type { Ending } from './ending.js';
import type { ImageUnderTest, TestTools } from './order.js';

/** By this variable all that a test has started is known, also in a session of its own. */
const MARK = 'SEA_TRIAL_TEST';

/** How a shell would report it. */
function codeOf({ code, signal }: Exit): number | undefined {
  return code ?? (signal === null ? undefined : 128 + signalNumber(signal));
}

/** What a test executes on the host, whose shell is always the same. */
export function hostLine(test: PlannedTest) {
  return commandLine(test, { words: [] });
}

/** The system says ENOENT for a missing program and for a missing folder alike. */
async function refusal(code: string, file: string, cwd: string, files: Ports['files']) {
  const folder = await files.look(`${cwd}/.`);
  return folder === undefined
    ? `there is no folder ${cwd}`
    : `${file}: ${explainStartFailure(code)}`;
}

interface HostTestSubject extends Pick<ImageUnderTest, 'imageId' | 'platform' | 'emulated'> {
  /** The workspace. */
  readonly root: string;
  /** The folder of the OCI layout. */
  readonly layout: string;
}

/**
 * Runs a test on the host, with the image in its environment:
 * `SEA_TRIAL_IMAGE` (an id that `docker run` takes), `SEA_TRIAL_PLATFORM` and
 * `SEA_TRIAL_LAYOUT` (the folder of an OCI layout that holds it alone). What it
 * has started ends with it, and it with that at the limit of time (milliseconds).
 */
export async function runOnHost(
  test: PlannedTest,
  { imageId, platform, emulated, root, layout }: HostTestSubject,
  timeout: number,
  { ports, signal }: Pick<TestTools, 'ports' | 'signal'>,
): Promise<Ending> {
  const [file = '', ...args] = hostLine(test).words;
  const cwd = resolve(root, test.workdir ?? '');
  const over = new AbortController();
  const mark = randomBytes(12).toString('hex');
  const running = ports.exec.start({
    file,
    args,
    cwd,
    env: childEnvironment(ports.env, {
      SEA_TRIAL_IMAGE: imageId,
      SEA_TRIAL_PLATFORM: platform,
      SEA_TRIAL_LAYOUT: layout,
      ...test.env,
      [MARK]: mark,
    }),
    signal: AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]),
  });
  const done = new AbortController();
  const timer = ports.clock.sleep(timeout, done.signal).then(
    () => over.abort(),
    () => {},
  );
  const ended = running.exit.finally(() => done.abort());
  const [stdout, stderr, exit] = await Promise.all([
    capture(running.stdout, OUTPUT_LIMIT),
    capture(running.stderr, OUTPUT_LIMIT),
    ended,
    timer,
  ]);
  await endMarkedProcesses(MARK, mark, ports);
  const timedOut = over.signal.aborted;
  const code = timedOut ? undefined : codeOf(exit);
  const notStarted = exit.notStarted && (await refusal(exit.notStarted, file, cwd, ports.files));
  const killer = exit.signal ?? (code === undefined ? undefined : signalIn(code));
  return {
    ...defined({ exitCode: code }),
    ...(timedOut || killer === undefined ? {} : { signal: killer }),
    ...defined({ notStarted }),
    ...(emulated ? faultIn({ stdout, stderr }) : {}),
    timedOut,
    outOfMemory: false,
    stdout,
    stderr,
  };
}
