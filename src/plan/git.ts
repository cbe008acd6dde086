import { childEnvironment, type Ports } from '../ports/index.js';

/** Rejects never: undefined where git could not do it. */
export type Git = (...args: string[]) => Promise<string | undefined>;

/** Bytes of a list: of more the beginning would be lost. */
const MOST_LISTED = 256 * 1024 * 1024;

/**
 * No file monitor is started, and no object is taken for another one (`git replace`): what a
 * commit is called by names what it holds itself. Submodules are asked the same way.
 */
const AS_IT_IS = ['-c', 'core.fsmonitor=false', '-c', 'core.useReplaceRefs=false'];

/** Runs git without optional locks, so that nothing of the user's is changed. */
export function gitIn(folder: string, { exec, env }: Pick<Ports, 'exec' | 'env'>): Git {
  const surroundings = childEnvironment(env, { GIT_OPTIONAL_LOCKS: '0' });
  return async (...args) => {
    const command = { file: 'git', args: ['-C', folder, ...AS_IT_IS, ...args] };
    const { code, stdout } = await exec.run({ ...command, env: surroundings }, MOST_LISTED);
    return code === 0 ? stdout : undefined;
  };
}

/** Folders above one another in which a repository is looked for. */
const LEVELS = 64;

/**
 * The folder with the `.git` that is nearest above, or in, a folder; no commit can hold one.
 * git itself would take a folder that only looks like a repository, and do what its
 * configuration says.
 */
export async function repositoryAbove(
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<string | undefined> {
  // Not joined: what is above a link is above the folder that it leads to.
  let up = folder;
  for (let level = 0; level < LEVELS; level++) {
    const found = await files.look(`${up}/.git`).catch(() => undefined);
    if (found !== undefined) return up;
    up = `${up}/..`;
  }
  return undefined;
}
