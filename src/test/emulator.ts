import type { Death, Engine } from '../engine/index.js';
import { emulatorFault, signalName } from '../platform/index.js';
import { defined } from '../types/index.js';
import type { Ending } from './ending.js';

/*
 * What QEMU's user emulation says on stderr. A program can write the same, so it
 * counts only where programs are emulated, and never for an image.
 */

/** The program that is emulated was ended by a signal. */
const UNCAUGHT = /qemu: uncaught target signal (\d+) \([^)\n]*\) - [a-z ]+\n*$/;

const ENDED = new RegExp(`${UNCAUGHT.source}|QEMU internal SIG[A-Z]+[^\\n]*\\n*$`);

/** The words by which the emulator is known to have failed. */
export function faultIn(
  { stdout, stderr }: Pick<Ending, 'stdout' | 'stderr'>,
  tarWords?: string,
): Pick<Ending, 'emulatorFault'> {
  const found = emulatorFault(stderr.text, tarWords) ?? emulatorFault(stdout.text, tarWords);
  return defined({ emulatorFault: found });
}

/** The signal that ended an emulated program by the last thing that was said of it. */
export function uncaughtSignal(said: string): string | undefined {
  const number = UNCAUGHT.exec(said)?.[1];
  return number === undefined ? undefined : signalName(Number(number));
}

/** Of signals 1 to 31 all but SIGKILL and SIGSTOP, which nothing blocks. */
const CATCHABLE = 0x7ffb_feffn;

/** Signals that no program waits for with all others blocked. */
const CRASHES = [4, 5, 6, 7, 8, 11, 31];

/** The crash that is the one signal not blocked, where all others are that can be. */
function awaited(blocked: string): number | undefined {
  const open = CATCHABLE & ~BigInt(`0x${blocked}`);
  return CRASHES.find((signal) => open === 1n << BigInt(signal - 1));
}

/**
 * The emulator sends itself the signal that has ended its program, and waits for it
 * with all others blocked. The first process of a container is spared such signals,
 * so the thread that crashed waits for ever, and any others go on.
 */
export function emulatedDeath(container: string, engine: Pick<Engine, 'blockedSignals'>): Death {
  return {
    sign: ENDED,
    async signal() {
      const masks = await engine.blockedSignals(container);
      if (masks.length === 0) throw new Error(`nothing is known about container ${container}`);
      return masks.map(awaited).find((signal) => signal !== undefined);
    },
  };
}
