import { parse } from 'shell-quote';
import { textsIn } from './substitutions.js';

/** A command of a shell's text that names its program in plain words. */
export interface ShellCommand {
  readonly program: string;
  /** The words behind it; one with a NUL only the shell can tell. */
  readonly rest: readonly string[];
  /** Whether the shell certainly comes to it, in the directory and with the PATH that it began with. */
  readonly certain: boolean;
}

const SHELL = /(^|\/)(sh|ash|bash|dash|ksh|zsh)$/;
/** `-c` alone or with other letters: `-ec`, `-lc`. */
const TEXT_FOLLOWS = /^-[A-Za-z]*c[A-Za-z]*$/;
/** Options of a shell take one word each at most: `-o pipefail -e -u -c`. */
const OPTIONS = 6;
/** Characters of a text that are looked at. */
const LOOKED = 4096;

/** Stands for what a variable holds, which only the shell can tell. */
const UNKNOWN = '\0';
/** Stands for a redirection in front of a program. */
const REDIRECTED = '\0>';
const PLAIN = /^[^-\0`][^\0`]*$/;
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;
/** Words that a command may follow (POSIX.1-2024, Shell Command Language 2.4 and 2.15; bash's `time`). */
const LEADING = new Set([
  '!',
  '{',
  'command',
  'do',
  'elif',
  'else',
  'exec',
  'if',
  'then',
  'time',
  'until',
  'while',
]);
/** What the shell does itself, or what begins no simple command (2.4, 2.9.1.4, 2.15). */
const OWN = new Set(
  '. : [ alias bg break case cd continue declare done echo esac exit export false fg fi for function getopts hash in jobs kill let local printf pwd read readonly return set shift shopt source test times trap true type ulimit umask unalias unset wait'.split(
    ' ',
  ),
);

/**
 * The text that a shell among the words of a command line executes (`/bin/sh -c TEXT`),
 * with the place of the shell; undefined where there is none.
 */
export function shellText(words: readonly string[]): { at: number; text: string } | undefined {
  const at = words.findIndex((word) => SHELL.test(word));
  if (at === -1) return undefined;
  const option = words.slice(at + 1, at + 1 + OPTIONS).findIndex((word) => TEXT_FOLLOWS.test(word));
  const text = option === -1 ? undefined : words[at + 1 + option + 1];
  return text === undefined ? undefined : { at, text };
}

/** Stands between simple commands. */
const END = /^(&&|\|\|?|\|&|;;?|&|\(|\))$/;
/** What the word behind it names is a file, or a descriptor. */
const REDIRECTION = /^(>>?|<|<<<|[<>]&)$/;

type ShellToken = ReturnType<typeof parse>[number];

function tokens(text: string): readonly ShellToken[] {
  try {
    return parse(text, () => UNKNOWN);
  } catch {
    // It refuses what is no shell's text: `${`.
    return [];
  }
}

const isOperator = (token: ShellToken | undefined, pattern: RegExp): boolean =>
  typeof token === 'object' && 'op' in token && pattern.test(token.op);

/** The words of each simple command, redirections left out. */
function simpleCommands(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  const all = tokens(text);
  for (const [at, token] of all.entries()) {
    const words = commands.at(-1);
    if (isOperator(token, END)) commands.push([]);
    else if (typeof token !== 'string') {
      if (isOperator(token, /^glob$/)) words?.push(UNKNOWN);
    } else if (isOperator(all[at - 1], REDIRECTION)) {
      // What it redirects is not there when the shell comes to the program.
      if (words?.length === 0) words.push(REDIRECTED);
    } else if (!(/^\d+$/.test(token) && isOperator(all[at + 1], REDIRECTION))) words?.push(token);
  }
  return commands;
}

/** The program of a simple command, behind what may stand in front of it. */
function programIn(words: readonly string[], isFirst: boolean): readonly ShellCommand[] {
  let certain = isFirst;
  for (const [at, word] of words.entries()) {
    const rest = words.slice(at + 1);
    if (word === 'eval') {
      return shellCommands(rest.join(' ')).map((command) => ({ ...command, certain: false }));
    }
    if (OWN.has(word)) return [];
    if (word === REDIRECTED) certain = false;
    else if (ASSIGNMENT.test(word)) certain &&= !word.startsWith('PATH');
    else if (LEADING.has(word)) certain &&= word === 'exec';
    else return PLAIN.test(word) ? [{ program: word, rest, certain }] : [];
  }
  return [];
}

/**
 * The programs that a shell's text names in plain words, those of `$(…)` behind the
 * others. Lines of a here-document are read as commands.
 */
export function shellCommands(text: string): readonly ShellCommand[] {
  return textsIn(text.slice(0, LOOKED)).flatMap((one, at) =>
    simpleCommands(one).flatMap((words, index) => programIn(words, at + index === 0)),
  );
}
