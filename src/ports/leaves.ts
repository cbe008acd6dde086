import { relative, resolve } from 'node:path';
import type { Files } from './files.js';

/** Where paths are looked at from, and what they may not leave. */
export interface Surroundings {
  readonly root: string;
  /** Absolute: what is inside needs no grant. */
  readonly workspace: string;
  readonly files: Files;
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
