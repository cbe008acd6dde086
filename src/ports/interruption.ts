/** The signals that interrupt a run, with the exit code of each: 128 and its number, as shells have it. */
export const INTERRUPTIONS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that ends a run in order. */
export type Interruption = keyof typeof INTERRUPTIONS;

const NAMES = Object.keys(INTERRUPTIONS) as readonly Interruption[];

/** The signal that has aborted a run, or undefined while nothing has. */
export function interruptedBy({ aborted, reason }: AbortSignal): Interruption | undefined {
  return aborted ? (NAMES.find((name) => name === reason) ?? 'SIGINT') : undefined;
}

/**
 * Milliseconds after the first in which a further one is the same interruption: the
 * terminal sends Ctrl-C to every process, and npm and its like forward it as well.
 */
const SAME_INTERRUPTION = 500;

/**
 * Turns the first such signal of this process into an abort whose reason is the
 * signal's name. A later one ends the process at once; not so a hangup, which a
 * terminal that is closed may send several times. Answers the signal and a
 * function that stops listening.
 */
export function interruption(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      first = performance.now();
      controller.abort(name);
    } else if (name !== 'SIGHUP' && performance.now() - first > SAME_INTERRUPTION) {
      process.exit(INTERRUPTIONS[name as Interruption]);
    }
  };
  for (const name of NAMES) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop() {
      for (const name of NAMES) process.off(name, onSignal);
    },
  };
}
