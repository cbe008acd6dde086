import { join } from 'node:path';
import { fromRoot } from '../document/index.js';
import type { Ports } from '../ports/index.js';

/** What people call the file that is `sea-trial.yml`. */
const ALIKE = /^\.?sea[-_. ]?trial\.(ya?ml|json)$/i;

/** Folders above one another in which a repository's root is looked for. */
const LEVELS = 64;

/** The files above a folder, up to the root of its repository; none where it is in no repository. */
async function above(
  folder: string,
  names: readonly string[],
  { files }: Pick<Ports, 'files'>,
): Promise<string | undefined> {
  const kindOf = async (path: string) => (await files.look(path).catch(() => undefined))?.kind;
  let found: string | undefined;
  let up = folder;
  for (let level = 0; level < LEVELS; level++) {
    if ((await kindOf(join(up, '.git'))) !== undefined) return found;
    const next = join(up, '..');
    if (next === up) return undefined;
    up = next;
    for (const name of names) {
      if (found === undefined && (await kindOf(join(up, name))) === 'file') found = join(up, name);
    }
  }
  return undefined;
}

/**
 * A file that may be meant where none of `names` is in the folder, in words; '' for none. What
 * is above the folder is not told to an untrusted run, which may have no part in it.
 */
export async function nearFile(
  folder: string,
  names: readonly string[],
  ports: Pick<Ports, 'files'>,
  untrusted: boolean,
): Promise<string> {
  const there = await ports.files.list(folder).catch(() => []);
  const alike = there.find((name) => ALIKE.test(name) && !names.includes(name));
  const isFile =
    alike !== undefined &&
    (await ports.files.look(join(folder, alike)).catch(() => undefined))?.kind === 'file';
  if (isFile) return `; "${alike}" is not a name that is looked for`;
  const found = untrusted ? undefined : await above(folder, names, ports);
  return found === undefined ? '' : `; "${fromRoot(folder, '.', found)}" is there, above it`;
}
