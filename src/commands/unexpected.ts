import { inspect } from 'node:util';
import { escapeCommands, printable } from '../report/index.js';

/** The last words about an error that nobody expected; its text may be anybody's. */
export function unexpected(error: unknown): string {
  const words = printable(inspect(error, { depth: 2 })).slice(0, 20_000);
  return escapeCommands(`sea-trial itself failed; please report this: ${words}\n`);
}
