import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Files } from '../ports/index.js';
import type { Git } from './git.js';

/** A file that git is told not to look at. */
interface HiddenFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** As the index has it. */
  readonly mode: string;
  readonly hash: string;
  /** It need not be there (`--skip-worktree`, a sparse checkout). */
  readonly mayLack: boolean;
}

const LISTED = ['ls-files', '-v', '--stage', '-z', '--full-name'];

/** Lists the files of a repository and of its submodules, with what git is told of them. */
export const HIDDEN = [...LISTED, '--recurse-submodules', '--', ':/'];

/** The same of the repository alone: those of its submodules that are checked out are in this list only. */
export const HIDDEN_SUBMODULES = [...LISTED, '--', ':/'];

const SUBMODULE = '160000';

/** Tag, mode, hash and stage; a tag in lower case says assume-unchanged, an S skip-worktree. */
const ENTRY = /^([a-zS]) (\d+) ([0-9a-f]+) \d\t(.*)$/s;

/** What git lists of files that git is told not to look at. */
export function parseHidden(text: string): readonly HiddenFile[] {
  return text.split('\0').flatMap((entry) => {
    const [, tag = '', mode = '', hash = '', path = ''] = ENTRY.exec(entry) ?? [];
    return path === '' ? [] : [{ path, mode, hash, mayLack: /s/i.test(tag) }];
  });
}

/** What both lists say, each once: a submodule that is not checked out is in the other one, too. */
export function hiddenIn(files: string, own: string): readonly HiddenFile[] {
  const submodules = parseHidden(own).filter(({ mode }) => mode === SUBMODULE);
  const all = [...parseHidden(files), ...submodules];
  return [...new Map(all.map((one) => [one.path, one])).values()];
}

/** Whether a path has a name that is not UTF-8: what it is called is lost, and no file is found by it. */
export function isUndecodable(path: string): boolean {
  return path.includes('\uFFFD');
}

/** Whether there is nothing at a path. A folder that is not there is looked for once. */
function absences(workspace: string, files: Files) {
  const folders = new Map<string, Promise<boolean>>();
  const isAbsent = async (path: string): Promise<boolean> => {
    const at = join(workspace, path);
    if (!isUndecodable(path)) return (await files.look(at).catch(() => undefined)) === undefined;
    // Any name of that kind may be it.
    const names = await files.list(dirname(at)).catch(() => [path]);
    return !names.some(isUndecodable);
  };
  const isFolderAbsent = (path: string): Promise<boolean> => {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return Promise.resolve(false);
    const folder = path.slice(0, slash);
    const found =
      folders.get(folder) ?? isFolderAbsent(folder).then((absent) => absent || isAbsent(folder));
    folders.set(folder, found);
    return found;
  };
  return async (path: string) => (await isFolderAbsent(path)) || isAbsent(path);
}

/** Files whose content git is asked for at once, by their names in a command. */
const AT_ONCE = 200;

/** The hashes that git gives to files as they are, by path; none where it cannot. */
async function hashesOf(paths: readonly string[], git: Git): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE);
    const hashes = (await git('hash-object', '--', ...some))?.split('\n') ?? [];
    for (const [index, path] of some.entries()) found.set(path, hashes[index] ?? '');
  }
  return found;
}

function hashOfLink(target: string, { hash }: HiddenFile): string {
  const content = Buffer.from(target);
  const algorithm = hash.length === 40 ? 'sha1' : 'sha256';
  return createHash(algorithm).update(`blob ${content.length}\0`).update(content).digest('hex');
}

/**
 * Those files that git is told not to look at (`git update-index --assume-unchanged` and
 * `--skip-worktree`) that are otherwise than the index has them. `git` works in the workspace,
 * which is a repository's root.
 */
export async function hiddenChanges(
  hidden: readonly HiddenFile[],
  git: Git,
  workspace: string,
  { files }: { readonly files: Files },
): Promise<readonly string[]> {
  const isAbsent = absences(workspace, files);
  const changed: string[] = [];
  const compared: HiddenFile[] = [];
  for (const file of hidden) {
    const { path, mode, mayLack } = file;
    if (await isAbsent(path)) {
      if (!mayLack) changed.push(path);
      continue;
    }
    if (isUndecodable(path)) {
      changed.push(path);
      continue;
    }
    const facts = await files.look(join(workspace, path));
    const isExecutable = ((facts?.mode ?? 0) & 0o100) !== 0;
    const isSame =
      (facts?.kind === 'file' && mode === (isExecutable ? '100755' : '100644')) ||
      (facts?.kind === 'symlink' && mode === '120000');
    // A submodule, or what has become another kind of file.
    if (!isSame) changed.push(path);
    else compared.push(file);
  }
  const plain = compared.filter(({ mode }) => mode !== '120000');
  const hashes = await hashesOf(
    plain.map(({ path }) => path),
    git,
  );
  for (const file of compared) {
    const { path, hash, mode } = file;
    const now =
      mode === '120000'
        ? hashOfLink(await files.target(join(workspace, path)), file)
        : hashes.get(path);
    if (now !== hash) changed.push(path);
  }
  return changed.sort();
}
