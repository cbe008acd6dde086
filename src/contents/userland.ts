import type { ImageConfig } from '../oci/index.js';
import { defined } from '../types/index.js';
import { launched, launchedByText } from './command-programs.js';
import type { ElfFacts } from './facts.js';
import { normalisePath } from './path.js';
import { askedBy, DEPTH, isStartable, searchPath } from './started-programs.js';
import type { Tree, TreeFile } from './tree.js';

/* The programs of an image that it does not start by itself: its shell, what tests run, its PATH. */

/** What a test runs in a container of the image; without `run` the image's own program. */
export interface TestedProgram {
  readonly name: string;
  /** A text goes through the image's shell. */
  readonly run?: { readonly shell: string } | { readonly exec: readonly string[] } | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string | undefined;
  readonly mounts: readonly { readonly target: string }[];
}

/** A program without which an image is of no use to people or to its tests. */
export interface NeededProgram {
  /** As it is asked for. */
  readonly asked: string;
  /** What asks for it, as `test "says its version"`, or the path of a program. */
  readonly by?: string;
  readonly file: TreeFile;
}

const SHELL = '/bin/sh';

/** The word that a container is started with. */
function askedWord({ run }: TestedProgram, config: ImageConfig): string | undefined {
  if (run === undefined) return [...config.entrypoint, ...config.command][0];
  if ('exec' in run) return run.exec[0];
  return config.shell[0] ?? SHELL;
}

function isIn(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** Where a mount comes to stand, links in the image followed. */
function landing(target: string, tree: Tree): string {
  const parts = target.split('/');
  for (let known = parts.length; known > 0; known--) {
    const found = tree.lookup(parts.slice(0, known).join('/'));
    if (found !== undefined) return [found.path, ...parts.slice(known)].join('/');
  }
  return target;
}

/** Whether what a test mounts may put another file at a path, or at one in that folder. */
function isMountedOver(path: string, { mounts }: TestedProgram, tree: Tree): boolean {
  const own = normalisePath(path) ?? '';
  return mounts.some(({ target }) => {
    const mounted = normalisePath(landing(target, tree)) ?? '';
    return isIn(own, mounted) || isIn(mounted, own);
  });
}

/** The program that a test runs, as far as the image's layers show it: by its word, and the file. */
export function testedProgram(
  test: TestedProgram,
  config: ImageConfig,
  tree: Tree,
): { readonly asked: string; readonly file?: TreeFile; readonly elf?: ElfFacts } | undefined {
  const asked = askedWord(test, config);
  if (asked === undefined) return undefined;
  const search = test.env.PATH ?? searchPath(config);
  const which = (word: string) => tree.which(word, search, test.workdir ?? config.workdir);
  const folders = search.split(':').flatMap((path) => [path, tree.lookup(path)?.path ?? path]);
  const searched = asked.includes('/') ? [asked] : folders;
  const file = which(asked);
  if (file === undefined) return { asked };
  if ([file.path, ...searched].some((path) => isMountedOver(path, test, tree))) return { asked };
  let last: TreeFile | undefined = file;
  for (let depth = 0; last?.entry.program?.script !== undefined; depth++) {
    const [interpreter = ''] = askedBy(last);
    last = depth < DEPTH ? which(interpreter) : undefined;
    if (last !== undefined && isMountedOver(last.path, test, tree)) last = undefined;
  }
  const elf = last?.entry.program?.elf;
  return { asked, file, ...defined({ elf }) };
}

/** The programs that a test names in plain words, beside the one that it starts with. */
function namedIn(test: TestedProgram, config: ImageConfig, tree: Tree): readonly string[] {
  const { run } = test;
  if (run === undefined) return [];
  const isProgram = (word: string) =>
    isStartable(testedProgram({ ...test, run: { exec: [word] } }, config, tree)?.file);
  return 'shell' in run ? launchedByText(run.shell, isProgram) : launched(run.exec, isProgram);
}

/** `/bin/sh`, what the tests run, and what these need in turn; each file once. */
export function neededPrograms(
  tests: readonly TestedProgram[],
  config: ImageConfig,
  tree: Tree,
): readonly NeededProgram[] {
  const search = searchPath(config);
  const needed = new Map<string, NeededProgram>();
  const add = (program: NeededProgram, depth: number): void => {
    const { file } = program;
    if (needed.has(file.path)) return;
    needed.set(file.path, program);
    if (depth === DEPTH) return;
    for (const asked of askedBy(file)) {
      const next = tree.which(asked, search, config.workdir);
      if (next !== undefined) add({ asked, by: file.path, file: next }, depth + 1);
    }
  };
  const shell = tree.lookup(SHELL);
  if (shell !== undefined) add({ asked: SHELL, file: shell }, 0);
  for (const test of tests) {
    const named = namedIn(test, config, tree);
    const others = named.map((word) => ({ ...test, run: { exec: [word] } }));
    for (const one of [test, ...others]) {
      const { asked = '', file } = testedProgram(one, config, tree) ?? {};
      if (file !== undefined) add({ asked, by: `test "${test.name}"`, file }, 0);
    }
  }
  return [...needed.values()];
}

/** The ELF programs in the directories of PATH, each name for itself; links are followed. */
export function commandsOf(config: ImageConfig, tree: Tree): readonly TreeFile[] {
  const workdir = config.workdir ?? '/';
  const folders = searchPath(config)
    .split(':')
    .map((part) => tree.lookup(part.startsWith('/') ? part : `${workdir}/${part}`)?.path);
  return [...new Set(folders)].flatMap((folder) =>
    folder === undefined
      ? []
      : tree
          .list(folder)
          .map((name) => tree.lookup(`${folder}/${name}`))
          .filter((file) => file !== undefined)
          .filter(({ entry }) => entry.kind === 'file' && (entry.mode & 0o111) !== 0)
          .filter(({ entry }) => entry.program?.elf !== undefined),
  );
}
