import { inspect } from 'node:util';
import { escapeCommands, printable } from '../report/index.js';
import { systemErrorText } from './system-error.js';

/**
 * The last words about an error that ended everything: a fault of the surroundings
 * in its sentence, any other with its whole text, which may be anybody's.
 */
export function errorText(error: unknown): string {
  const fault = systemErrorText(error);
  if (fault !== undefined) return escapeCommands(`✘ ${printable(fault)}\n`);
  const words = printable(inspect(error, { depth: 2 })).slice(0, 20_000);
  return escapeCommands(`sea-trial itself failed; please report this: ${words}\n`);
}
