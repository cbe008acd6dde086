import { nearest } from '../platform/index.js';
import type { Tree } from './tree.js';

/** Where a program was looked for. */
interface Search {
  /** The directories of PATH, absolute, each once. */
  readonly folders: readonly string[];
  readonly workdir: string | undefined;
}

/** Shorter names are near to too many. */
const SHORTEST = 3;

const VERSION = /^[\d.]+$/;

/**
 * The program that was probably meant by one that is not there: of the same name in another
 * directory, or of a name that is near.
 */
export function meantProgram(
  asked: string,
  { folders, workdir = '/' }: Search,
  tree: Tree,
): string | undefined {
  const slash = asked.lastIndexOf('/');
  const name = asked.slice(slash + 1);
  if (name.length < SHORTEST) return undefined;
  const isProgram = (path: string) => {
    const entry = tree.lookup(path)?.entry;
    return entry?.kind === 'file' && (entry.mode & 0o111) !== 0;
  };
  if (slash === -1 && isProgram(`${workdir}/${name}`)) return `./${name}`;
  const elsewhere = folders.find((folder) => isProgram(`${folder}/${name}`));
  if (elsewhere !== undefined) return `${elsewhere}/${name}`;
  const written = asked.slice(0, slash + 1);
  const folder = asked.startsWith('/') ? written : `${workdir}/${written}`;
  const searched = slash === -1 ? folders : [folder];
  const names = searched.flatMap((one) =>
    tree
      .list(one)
      .filter((other) => nearest(name, [other]) !== undefined && isProgram(`${one}/${other}`)),
  );
  const near = nearest(name, names);
  return near && `${written}${near}`;
}

/** The interpreter that was probably meant: of the same name elsewhere, or with a version behind it. */
export function meantInterpreter(
  asked: string,
  { folders }: Pick<Search, 'folders'>,
  tree: Tree,
): string | undefined {
  const name = asked.slice(asked.lastIndexOf('/') + 1);
  const found = folders.flatMap((folder) =>
    tree
      .list(folder)
      .filter(
        (other) =>
          other === name || (other.startsWith(name) && VERSION.test(other.slice(name.length))),
      )
      .map((other) => `${folder}/${other}`),
  );
  const programs = found.filter((path) => tree.lookup(path)?.entry.kind === 'file');
  return programs.toSorted((a, b) => a.length - b.length)[0];
}
