/** The signals that interrupt a run, with the exit code of each: 128 and its number, as shells have it. */
export const INTERRUPTIONS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type Interruption = keyof typeof INTERRUPTIONS;

const NAMES = Object.keys(INTERRUPTIONS) as readonly Interruption[];

/** The signal that has aborted a run, or undefined while nothing has. */
export function interruptedBy({ aborted, reason }: AbortSignal): Interruption | undefined {
  return aborted ? (NAMES.find((name) => name === reason) ?? 'SIGINT') : undefined;
}

/**
 * Turns the first such signal of this process into an abort whose reason is the
 * signal's name. A second one ends the process at once; not so a hangup, which a
 * terminal that is closed may send several times. Answers the signal and a
 * function that stops listening.
 */
export function interruption(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) controller.abort(name);
    else if (name !== 'SIGHUP') process.exit(INTERRUPTIONS[name as Interruption]);
  };
  for (const name of NAMES) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop() {
      for (const name of NAMES) process.off(name, onSignal);
    },
  };
}
