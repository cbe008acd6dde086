import { types } from 'node:util';
import { finding } from './catalogue.js';
import { diskFault } from './disk-fault.js';
import type { Finding } from './model.js';

function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  // Node's message has a path of this machine, which the evidence does not tell.
  const words = diskFault(code);
  if (words !== undefined) return words;
  return syscall === undefined ? message : `${syscall} failed with ${code}`;
}

/**
 * The finding that an error is which nobody foresaw, where tags may have moved
 * already: what is known by then must be told. `doing` begins its sentence.
 */
export function brokenOff(subject: Finding['subject'], doing: string, error: unknown): Finding {
  return finding('publication-failed', subject, `${doing} failed: ${reasonOf(error)}.`);
}
