import { relative, resolve } from 'node:path';
import type { Files } from './files.js';

/** Where paths are looked at from, and what they may not leave. */
export interface Surroundings {
  readonly root: string;
  /** Absolute: what is inside needs no grant. */
  readonly workspace: string;
  readonly files: Files;
}

/** Whether a folder is a symbolic link, or holds one somewhere. */
export async function holdsLink(
  path: string,
  { root, files }: Pick<Surroundings, 'root' | 'files'>,
): Promise<boolean> {
  const absolute = resolve(root, path);
  const facts = await files.look(absolute);
  if (facts?.kind !== 'directory') return facts?.kind === 'symlink';
  // What cannot be listed here cannot be by buildx.
  for (const name of await files.list(absolute).catch(() => [])) {
    if (await holdsLink(`${absolute}/${name}`, { root, files })) return true;
  }
  return false;
}

/** Whether a path leaves the workspace, by its name or through a symbolic link on its way. */
export async function leaves(
  path: string,
  { root, workspace, files }: Surroundings,
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
