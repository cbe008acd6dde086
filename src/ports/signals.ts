import { constants } from 'node:os';

/** A signal's number on this machine, to which shells add 128 for an exit code. */
export function signalNumber(name: string): number {
  return constants.signals[name as NodeJS.Signals];
}
