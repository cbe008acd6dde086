import { basename, dirname, join } from 'node:path';
import { type IgnoreList, readIgnore } from '../dockerfile/index.js';
import { type Files, linksStayInside, type PathScope } from '../ports/index.js';

/** Bytes. A Dockerfile is written by hand; a larger file is something else. */
export const LARGEST_DOCKERFILE = 1024 * 1024;

/** The Dockerfiles of a checkout, by their paths relative to the root. Each is read once. */
export interface Dockerfiles {
  /** The text of one that is there. Rejects with node's errors. */
  read(file: string): Promise<string>;
  /** The text; undefined where none can be read, or a link leads out of its folder: a problem of its own. */
  find(file: string): Promise<string | undefined>;
  /** What the context of a build leaves out. */
  ignoredIn(build: { readonly file: string; readonly context: string }): Promise<IgnoreList>;
}

/** A checkout, and the Dockerfiles in it. */
export interface SourceScope extends PathScope {
  readonly dockerfiles: Dockerfiles;
}

/** One promise for each key. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** Reads Dockerfiles, and the lists beside them. */
export function readDockerfiles(root: string, files: Files): Dockerfiles {
  const texts = new Map<string, Promise<string>>();
  const found = new Map<string, Promise<string | undefined>>();
  const lists = new Map<string, Promise<IgnoreList>>();
  const read = (file: string) =>
    once(texts, file, async () => {
      const content = await files.read(join(root, file), LARGEST_DOCKERFILE);
      return content.toString('utf8');
    });
  const find = async (file: string) => {
    const path = join(root, file);
    const facts = await files.look(path).catch(() => undefined);
    const mayRead =
      facts?.kind === 'file' ||
      (facts?.kind === 'symlink' && (await linksStayInside(dirname(path), basename(path), files)));
    return mayRead ? read(file).catch(() => undefined) : undefined;
  };
  return {
    read,
    find: (file) => once(found, file, () => find(file)),
    ignoredIn: (build) =>
      once(lists, `${build.file}\0${build.context}`, () => readIgnore(build, root, files)),
  };
}
