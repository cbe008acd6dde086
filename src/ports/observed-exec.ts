import { defined } from '../types/index.js';
import type { Clock } from './clock.js';
import type { Command, Exec, Exit } from './exec.js';

/** A command that has ended, or, without `exit`, one that has been running for a while. */
export interface CommandObservation {
  readonly command: Pick<Command, 'file' | 'args' | 'cwd'>;
  /** Milliseconds since it was started. */
  readonly duration: number;
  readonly exit?: Exit;
}

/** Milliseconds after which a command that still runs is reported, as it may never end. */
const LONG = 10_000;

/** The same, with a report of each command: at its end, and once before where that takes long. */
export function observedExec(
  by: Exec,
  clock: Pick<Clock, 'ticks' | 'sleep'>,
  tell: (observation: CommandObservation) => void,
): Exec {
  const follow = ({ file, args, cwd }: Command) => {
    const command = { file, args, ...defined({ cwd }) };
    const from = clock.ticks();
    const ended = new AbortController();
    const report = (exit?: Exit) => {
      const duration = clock.ticks() - from;
      tell({ command, duration, ...defined({ exit }) });
    };
    clock.sleep(LONG, ended.signal, { ref: false }).then(
      () => report(),
      () => {},
    );
    return (exit: Exit) => {
      ended.abort();
      report(exit);
    };
  };
  const failed = ({ code, message }: NodeJS.ErrnoException): Exit => ({
    code: null,
    signal: null,
    notStarted: code ?? message,
  });
  return {
    start(command) {
      const end = follow(command);
      try {
        const running = by.start(command);
        running.exit.then(end, (error) => end(failed(error)));
        return running;
      } catch (error) {
        end(failed(error as Error));
        throw error;
      }
    },
    run(command, limit) {
      const end = follow(command);
      const output = by.run(command, limit);
      output.then(end, (error) => end(failed(error)));
      return output;
    },
  };
}
