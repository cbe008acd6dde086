import { inspect } from 'node:util';
import { escapeCommands, printable } from '../report/index.js';
import { systemErrorText } from './system-error.js';

/**
 * What is printed about an error that ended the program: a system error as its sentence,
 * any other whole. The text may be untrusted.
 */
export function errorText(error: unknown): string {
  const fault = systemErrorText(error);
  if (fault !== undefined) return escapeCommands(`✘ ${printable(fault)}\n`);
  const words = printable(inspect(error, { depth: 2 })).slice(0, 20_000);
  return escapeCommands(`sea-trial itself failed; please report this: ${words}\n`);
}
