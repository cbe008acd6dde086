import {
  INTERRUPTIONS,
  interruptedBy,
  interruption,
  type Ports,
  withInterruptionGrace,
} from '../ports/index.js';
import type { CommandResult } from './command.js';

/**
 * Does work that SIGHUP, SIGINT and SIGTERM interrupt: the first aborts the signal that the
 * work is given, and ends what it still runs some seconds later.
 */
export async function interruptible(
  ports: Ports,
  work: (ports: Ports, signal: AbortSignal) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { signal, stop } = interruption();
  try {
    return await work({ ...ports, exec: withInterruptionGrace(ports.exec, signal) }, signal);
  } catch (error) {
    const interrupted = interruptedBy(signal);
    if (interrupted === undefined) throw error;
    return { exitCode: INTERRUPTIONS[interrupted] };
  } finally {
    stop();
  }
}
