import { join, relative, resolve } from 'node:path';
import type { Files } from './files.js';

/** Where paths are looked at from, and what they may not leave. */
export interface PathScope {
  readonly root: string;
  /** Absolute: what is inside needs no grant. */
  readonly workspace: string;
  readonly files: Files;
}

/** Whether a folder is a symbolic link, or holds one somewhere. */
export async function containsSymlink(
  path: string,
  { root, files }: Pick<PathScope, 'root' | 'files'>,
): Promise<boolean> {
  const absolute = resolve(root, path);
  const facts = await files.look(absolute);
  if (facts?.kind !== 'directory') return facts?.kind === 'symlink';
  // What cannot be listed here cannot be by buildx.
  for (const name of await files.list(absolute).catch(() => [])) {
    if (await containsSymlink(`${absolute}/${name}`, { root, files })) return true;
  }
  return false;
}

/** Whether a path leaves the workspace, by its name or through a symbolic link on its way. */
export async function pathEscape(
  path: string,
  { root, workspace, files }: PathScope,
): Promise<'outside' | 'link' | undefined> {
  const absolute = resolve(root, path);
  const inside = relative(workspace, absolute);
  if (inside === '..' || inside.startsWith('../')) return 'outside';
  let way = workspace;
  for (const part of inside.split('/').filter((one) => one !== '')) {
    way = `${way}/${part}`;
    if ((await files.look(way))?.kind === 'symlink') return 'link';
  }
  return undefined;
}

/** As many as the kernel follows. */
const LINKS = 40;

/**
 * Whether all links on the way to a path in a folder lead to places in that folder. To the
 * builder, which has nothing but the folder, any other one leads to another file.
 */
export async function linksStayInside(
  folder: string,
  path: string,
  files: Pick<Files, 'look' | 'target'>,
): Promise<boolean> {
  const [way, left]: [string[], string[]] = [[], path.split('/')];
  for (let links = 0, part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (way.pop() === undefined) return false;
      continue;
    }
    const here = join(folder, ...way, part);
    if ((await files.look(here))?.kind !== 'symlink') {
      way.push(part);
      continue;
    }
    links += 1;
    const target = await files.target(here);
    if (links > LINKS || target.startsWith('/')) return false;
    left.unshift(...target.split('/'));
  }
  return true;
}

/** Where a path leads, and the links on the way there, all of them by their real places. */
export async function realPath(
  path: string,
  files: Files,
): Promise<{ readonly path: string; readonly links: readonly string[] }> {
  const [way, left, links]: [string[], string[], string[]] = [[], path.split('/'), []];
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      way.pop();
      continue;
    }
    const here = `/${[...way, part].join('/')}`;
    if (links.length === LINKS || (await files.look(here))?.kind !== 'symlink') {
      way.push(part);
      continue;
    }
    links.push(here);
    const target = await files.target(here);
    if (target.startsWith('/')) way.length = 0;
    left.unshift(...target.split('/'));
  }
  return { path: `/${way.join('/')}`, links };
}
