import { posix } from 'node:path';
import type { PlannedTest } from '../evidence/index.js';

const DEFAULT_SHELL = ['/bin/sh', '-c'];

/** Shells that end at the first command that fails when they are told so by `-e`. */
const ENDING = /^(sh|bash|dash|ash|m?ksh|zsh)[-.\d]*$/;

/** One program that is many, by the name that it is called by. */
const BOX = /^(busybox|toybox)[-.\w]*$/;

/** The word of a shell's options that announces the text: `-c`, `-lc`. */
const TEXT_FOLLOWS = /^-[A-Za-z]*c[A-Za-z]*$/;

/** The shell that a text is for. */
interface Shell {
  /** With its options, as the image's SHELL has them; empty for the usual one. */
  readonly words: readonly string[];
  /** The file that its program is, links followed, where that is known. */
  readonly file?: string;
}

/** What is executed for a test. */
export interface CommandLine {
  /** Empty where it is the image's own program. */
  readonly words: readonly string[];
  /** It has several lines, and those behind one that fails are executed all the same. */
  readonly goesOn: boolean;
}

function endsWhenTold({ words: [program = '', second = program], file }: Shell): boolean {
  const asked = posix.basename(program);
  const name = posix.basename(file ?? program);
  if (!BOX.test(name)) return ENDING.test(name);
  return ENDING.test(BOX.test(asked) ? second : asked);
}

function textLine(text: string, shell: Shell): CommandLine {
  const { words } = shell;
  if (!text.trim().includes('\n')) return { words: [...words, text], goesOn: false };
  const at = words.findLastIndex((word) => TEXT_FOLLOWS.test(word));
  if (at === -1 || !endsWhenTold(shell)) return { words: [...words, text], goesOn: true };
  // Behind all that is there: bash takes long options only before short ones.
  return { words: [...words.slice(0, at), '-e', ...words.slice(at), text], goesOn: false };
}

/**
 * The command line of a test: a list as it is, a text through a shell, which ends
 * at the first line that fails where the text has several.
 */
export function commandLine({ run }: Pick<PlannedTest, 'run'>, shell: Shell): CommandLine {
  if (run === undefined) return { words: [], goesOn: false };
  if ('exec' in run) return { words: run.exec, goesOn: false };
  const usual = shell.words.length === 0 ? DEFAULT_SHELL : shell.words;
  return textLine(run.shell, { ...shell, words: usual });
}
