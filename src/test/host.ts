import type { PlannedTest } from '../evidence/index.js';
import { capture, childEnvironment, type Ports } from '../ports/index.js';
import { type Berth, OUTPUT_LIMIT } from './container.js';
import type { Ending } from './judge.js';

/**
 * Runs a test on the host, with the tried image in its environment:
 * `SEA_TRIAL_IMAGE` (an id that `docker run` takes), `SEA_TRIAL_PLATFORM` and
 * `SEA_TRIAL_LAYOUT` (the folder of the OCI layout that holds its bytes).
 */
export async function runOnHost(
  test: PlannedTest,
  berth: Berth,
  timeout: number,
  root: string,
  layout: string,
  ports: Pick<Ports, 'exec' | 'clock' | 'env'>,
  signal?: AbortSignal,
): Promise<Ending> {
  const [file = '/bin/sh', ...args] =
    test.run !== undefined && 'exec' in test.run
      ? test.run.exec
      : ['/bin/sh', '-c', test.run?.shell ?? ''];
  const over = new AbortController();
  const running = ports.exec.start({
    file,
    args,
    cwd: test.workdir ?? root,
    env: childEnvironment(ports.env, {
      SEA_TRIAL_IMAGE: berth.imageId,
      SEA_TRIAL_PLATFORM: berth.platform,
      SEA_TRIAL_LAYOUT: layout,
      ...test.env,
    }),
    signal: AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]),
  });
  const done = new AbortController();
  let timedOut = false;
  const timer = ports.clock.sleep(timeout, done.signal).then(
    () => {
      timedOut = true;
      over.abort();
    },
    () => {},
  );
  const [stdout, stderr, exit] = await Promise.all([
    capture(running.stdout, OUTPUT_LIMIT),
    capture(running.stderr, OUTPUT_LIMIT),
    running.exit,
  ]);
  done.abort();
  await timer;
  return {
    ...(exit.code === null ? {} : { exitCode: exit.code }),
    ...(exit.notStarted === undefined ? {} : { notStarted: `${file}: ${exit.notStarted}` }),
    timedOut,
    outOfMemory: false,
    stdout,
    stderr,
  };
}
