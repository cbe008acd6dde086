import { parse } from 'shell-quote';

/** A command of a shell's text that names its program in plain words. */
interface ShellCommand {
  readonly program: string;
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
  '. : [ alias bg break case cd continue declare done echo esac eval exit export false fg fi for function getopts hash in jobs kill let local printf pwd read readonly return set shift shopt source test times trap true type ulimit umask unalias unset wait'.split(
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

type Token = ReturnType<typeof parse>[number];

function tokens(text: string): readonly Token[] {
  // A second line may belong to a here-document.
  const [line = ''] = text.slice(0, LOOKED).split('\n', 1);
  try {
    return parse(line, () => UNKNOWN);
  } catch {
    // It refuses what is no shell's text: `${`.
    return [];
  }
}

/** The words of each simple command, up to the first that only the shell can tell. */
function simpleCommands(text: string): readonly (readonly Token[])[] {
  const commands: Token[][] = [[]];
  for (const token of tokens(text)) {
    const isEnd =
      typeof token === 'object' && 'op' in token && /^(&&|\|\|?|;;?|&|\(|\))$/.test(token.op);
    if (isEnd) commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands;
}

/** The programs that a shell's text names in plain words, in their order. */
export function shellCommands(text: string): readonly ShellCommand[] {
  return simpleCommands(text).flatMap((tokens, index) => {
    let certain = index === 0;
    for (const token of tokens) {
      if (typeof token !== 'string' || OWN.has(token)) return [];
      if (ASSIGNMENT.test(token)) certain &&= !token.startsWith('PATH');
      else if (LEADING.has(token)) certain &&= token === 'exec';
      else return PLAIN.test(token) ? [{ program: token, certain }] : [];
    }
    return [];
  });
}
