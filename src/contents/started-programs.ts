import type { ImageConfig } from '../oci/index.js';
import { defined } from '../types/index.js';
import { launched } from './command-programs.js';
import { meantInterpreter, meantProgram } from './meant-program.js';
import { shellCommands, shellText } from './shell.js';
import type { Tree, TreeFile } from './tree.js';

/** What names a program. */
type Role = 'entrypoint' | 'command' | 'interpreter';

/** A program that the image starts by itself, as far as the layers show it. */
export interface StartedProgram {
  readonly role: Role;
  /** As the configuration, the ELF header or the first line of a script writes it. */
  readonly asked: string;
  /** What asks for it: `ENTRYPOINT`, `CMD`, or the path of a program. */
  readonly by: string;
  /** Undefined where it is not in the image. */
  readonly file: TreeFile | undefined;
  /** Where it is not in the image: what a link in its place leads to, as written. */
  readonly deadLink?: string;
  /** Where it is not in the image: the program that was probably meant. */
  readonly near?: string;
  /**
   * What asks the kernel to execute it; `shell` is also a program that hands a text without `#!`
   * to a shell. Undefined for interpreters, and for what may be a mere argument.
   */
  readonly executedBy?: 'engine' | 'launcher' | 'shell';
}

type Executor = NonNullable<StartedProgram['executedBy']>;

type Asker = Pick<StartedProgram, 'role' | 'by' | 'executedBy'>;

/** What engines set where the configuration has no PATH. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Scripts may name scripts; the kernel follows five. */
export const DEPTH = 6;

/** Directories of PATH in which something near to a missing program is looked for. */
const FOLDERS = 20;

/** Programs that run those of another architecture. */
const EMULATOR = /(?:^|\/)(?:qemu-[\w-]+|box(?:32|64|86)|FEX[\w-]*)$/;

/**
 * Programs that execute one of their further words, as the user that they have or lower: how many
 * words stand before it, and which of the options in front of these take no word and leave PATH
 * and the directory as they are.
 */
const LAUNCHERS: readonly (readonly [name: RegExp, before: number, options: RegExp])[] = [
  [
    /(?:^|\/)(?:catatonit|dumb-init|tini|tini-static)$/,
    0,
    /^(?:-[cgsvw]+|--single-child|--verbose)$/,
  ],
  [/(?:^|\/)(?:gosu|s6-setuidgid|su-exec)$/, 1, /^$/],
  [/(?:^|\/)env$/, 0, /^(?!PATH=)[^-=][^=]*=/],
  [
    /(?:^|\/)setpriv$/,
    0,
    /^--(?:[a-z-]+=.*|clear-groups|init-groups|keep-groups|nnp|no-new-privs)$/,
  ],
];

const SETUID = 0o4000;

/** Whether a kernel would start it, as far as its mode and its first bytes say. */
export function isStartable(file: TreeFile | undefined): boolean {
  return file?.entry.program !== undefined && (file.entry.mode & 0o111) !== 0;
}

/** The PATH of the image's containers. */
export function searchPath({ env }: Pick<ImageConfig, 'env'>): string {
  const set = env.findLast((line) => line.startsWith('PATH='));
  return set?.slice('PATH='.length) || DEFAULT_PATH;
}

/** Options of env behind which a word follows that is theirs. */
const ENV_TAKES = /^-(?:[0iv]*[aCu]|-argv0|-chdir|-unset)$/;

/** Words after which env looks for its program elsewhere than on the image's PATH. */
const ENV_MOVES = /^(?:PATH=.*|-|-[0v]*i.*|--ignore-environment)$/;

/** What env with `-S` does not take as written. */
const SUBSTITUTED = /["'$\\]/;

/** The program that env looks for on the image's PATH; undefined where that is in doubt. */
function askedByEnv(line: string): string | undefined {
  const words = line.replace(/^(?:-[0v]*S|--split-string(?:=|[ \t]))[ \t]*/, '').split(/[ \t]+/);
  let at = 0;
  for (let word = words[0]; word?.startsWith('-') || word?.includes('='); word = words[at]) {
    at += ENV_TAKES.test(word) ? 2 : 1;
  }
  const read = words.slice(0, at + 1);
  const isSure = !read.some((word) => SUBSTITUTED.test(word) || ENV_MOVES.test(word));
  return isSure ? words[at] : undefined;
}

/** What `#!` names; behind `/usr/bin/env` also the program that env looks for. */
function askedByScript(script: string): readonly string[] {
  const [interpreter = ''] = script.split(/[ \t]/, 1);
  if (!/(^|\/)env$/.test(interpreter)) return [interpreter];
  const named = askedByEnv(script.slice(interpreter.length).trimStart());
  return named ? [interpreter, named] : [interpreter];
}

/** What the kernel needs for a program beside itself: a script's interpreters, or an ELF file's loader. */
export function askedBy(file: TreeFile): readonly string[] {
  const program = file.entry.program;
  if (program?.script !== undefined) return askedByScript(program.script);
  return program?.elf?.interpreter === undefined ? [] : [program.elf.interpreter];
}

/**
 * Whether it gives up where the kernel does not know a file: musl and Go do, and the execvp(3)
 * of glibc starts /bin/sh with it.
 */
function givesUp({ entry: { program } }: TreeFile): boolean {
  return program?.go !== undefined || program?.elf?.interpreter?.includes('/ld-musl-') === true;
}

/** Where the word stands that a launcher executes; undefined where an option leaves it in doubt. */
function behindLauncher(words: readonly string[], launcher: number): number | undefined {
  const [, before, options] = LAUNCHERS.find(([name]) => name.test(words[launcher] ?? '')) ?? [];
  if (before === undefined || options === undefined) return undefined;
  let at = launcher + 1;
  while (options.test(words[at] ?? '')) at++;
  if (words[at] === '--') at++;
  else if (words[at]?.startsWith('-')) return undefined;
  return at + before;
}

/** The words of a command line that are executed in turn, by their places: `tini`, and behind it `app`. */
function executedWords(
  words: readonly string[],
  which: (word: string) => TreeFile | undefined,
): ReadonlyMap<number, Executor> {
  const executed = new Map<number, Executor>();
  let by: Executor = 'engine';
  let at: number | undefined = 0;
  while (at !== undefined) {
    const file = which(words[at] ?? '');
    const isFile = file?.entry.kind === 'file' && (file.entry.mode & 0o111) !== 0;
    if (at > 0 && !isFile) break;
    executed.set(at, by);
    if (file === undefined || (file.entry.mode & SETUID) !== 0) break;
    by = givesUp(file) ? 'launcher' : 'shell';
    at = behindLauncher(words, at);
  }
  return executed;
}

/** What stands in the place of a program that is not there, and what was probably meant. */
function aboutMissing(
  asked: string,
  role: Role,
  config: ImageConfig,
  tree: Tree,
): Pick<StartedProgram, 'deadLink' | 'near'> {
  const places = tree.places(asked, searchPath(config), config.workdir);
  const deadLink = places.map((path) => tree.deadLink(path)).find((link) => link !== undefined);
  if (deadLink !== undefined) return { deadLink };
  const { workdir } = config;
  const parts = searchPath(config)
    .split(':')
    .map((part) => (part.startsWith('/') ? part : `${workdir ?? '/'}/${part}`));
  const folders = [...new Set(parts)].slice(0, FOLDERS);
  const meant = role === 'interpreter' ? meantInterpreter : meantProgram;
  const near = meant(asked, { folders, workdir }, tree);
  return defined({ near });
}

/** The file that texts of tests are executed by: the image's SHELL, links followed. */
export function shellFile(config: ImageConfig, tree: Tree): string | undefined {
  const [shell = '/bin/sh'] = config.shell;
  return tree.which(shell, searchPath(config), config.workdir)?.path;
}

/**
 * The programs that start with a container of the image: its entrypoint, its
 * command, whatever program further words name (`tini -- app`) or the text of a
 * shell does (`/bin/sh -c "exec app"`), and the interpreters that each of them
 * needs. A further word that is no program is an argument, and left out, as is
 * what an emulator is given.
 */
export function startedPrograms(config: ImageConfig, tree: Tree): readonly StartedProgram[] {
  const search = searchPath(config);
  const which = (command: string) => tree.which(command, search, config.workdir);
  const started: StartedProgram[] = [];
  const seen = new Set<string>();

  const add = (asked: string, asker: Asker, depth = 0): void => {
    const file = which(asked);
    const key = file?.path ?? asked;
    if (seen.has(key)) return;
    seen.add(key);
    const more = file === undefined ? aboutMissing(asked, asker.role, config, tree) : {};
    started.push({ ...asker, asked, file, ...more });
    if (file === undefined || depth === DEPTH) return;
    for (const next of askedBy(file)) add(next, { role: 'interpreter', by: file.path }, depth + 1);
  };
  const isProgram = (word: string) => isStartable(which(word));

  const words = [...config.entrypoint, ...config.command];
  const asker = (index: number): Asker =>
    index < config.entrypoint.length
      ? { role: 'entrypoint', by: 'ENTRYPOINT' }
      : { role: 'command', by: 'CMD' };
  const shell = shellText(words);
  const upToShell = words.slice(0, shell && shell.at + 1);
  const executed = executedWords(upToShell, which);
  for (const [index, word] of upToShell.entries()) {
    const executedBy = executed.get(index);
    const isExecuted = index === 0 || executedBy === 'launcher';
    if (isExecuted || (!word.startsWith('-') && isProgram(word))) {
      add(word, { ...asker(index), ...defined({ executedBy }) });
    }
    // What it emulates is for another platform on purpose.
    if (EMULATOR.test(word)) return started;
  }
  if (shell === undefined) return started;
  // A second line may belong to a here-document.
  const [line = ''] = shell.text.split('\n', 1);
  for (const { program, rest, certain } of shellCommands(line)) {
    if (certain) add(program, { ...asker(shell.at), executedBy: 'shell' });
    for (const one of launched([program, ...rest], isProgram)) {
      if (isProgram(one)) add(one, asker(shell.at));
    }
  }
  return started;
}
