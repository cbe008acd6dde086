import type { Ports } from './ports.js';

/** Milliseconds: for processes to end by themselves, or after a signal. */
const PATIENCE = 2_000;
const STEP = 50;

/** Waits a while for all processes that were started with `NAME=value` to end; whether they have. */
export async function waitForMarkedProcesses(
  name: string,
  value: string,
  { processes, clock }: Pick<Ports, 'processes' | 'clock'>,
): Promise<boolean> {
  const gone = async () => (await processes.startedWith(name, value)).length === 0;
  for (let waited = 0; waited < PATIENCE; waited += STEP) {
    if (await gone()) return true;
    await clock.sleep(STEP);
  }
  return gone();
}

/**
 * Ends all processes that were started with `NAME=value`, in whatever group or
 * session they are: asks them, and after a while ends them.
 */
export async function endMarkedProcesses(
  name: string,
  value: string,
  needs: Pick<Ports, 'processes' | 'clock'>,
): Promise<void> {
  const { processes } = needs;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const left = await processes.startedWith(name, value);
    for (const pid of left) processes.send(pid, signal);
    if (left.length === 0 || (await waitForMarkedProcesses(name, value, needs))) return;
  }
}
