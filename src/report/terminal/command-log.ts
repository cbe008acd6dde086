import type { CommandObservation } from '../../ports/index.js';
import { shellWord, duration as words } from '../format.js';
import { cut, printable } from '../untrusted.js';

/** Characters of an argument that are shown, and how many arguments are. */
const LENGTH = 500;
const COUNT = 200;

function time(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : words(milliseconds);
}

function ending({ exit, duration }: CommandObservation): string {
  if (exit === undefined) return `still running after ${time(duration)}`;
  const { code, signal, notStarted } = exit;
  if (notStarted !== undefined) return `could not be started (${notStarted})`;
  const how = code === null ? `ended by ${signal}` : `exit code ${code}`;
  return `${how}, ${time(duration)}`;
}

/**
 * One line for a shell, with the ending as a comment:
 * `docker version # exit code 0, 41 ms`. `hide` takes secrets out of a word, before
 * quotes are put into it.
 */
export function renderExecuted(
  executed: CommandObservation,
  hide: (word: string) => string,
): string {
  const { file, args, cwd } = executed.command;
  const word = (text: string) => shellWord(cut(hide(text), LENGTH));
  const line = [file, ...args.slice(0, COUNT)].map(word).join(' ');
  const there = cwd === undefined ? line : `(cd ${word(cwd)} && ${line})`;
  const left = args.length > COUNT ? `; ${args.length - COUNT} more arguments` : '';
  return printable(`${there} # ${ending(executed)}${left}`);
}
