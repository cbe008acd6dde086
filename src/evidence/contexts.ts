/** A repository by SSH as BuildKit (util/sshutil) takes it with the name of a user: `git@host:a/b.git`. */
const OF_USER = /^[\w-]+@[A-Za-z0-9.-]+:/;

/** Whether a context is a repository by SSH without a protocol in front. */
export function isUsersRepository(context: string): boolean {
  return OF_USER.test(context);
}

/**
 * Whether a context of a plan is a folder, not an address, another image or a
 * target: what buildx takes for Git or another protocol (docs.docker.com, "Build
 * context") is no folder.
 */
export function isFolder(context: string): boolean {
  const isAddress = /^([a-z][a-z0-9+.-]*:|git@|github\.com\/)/.test(context);
  return !isAddress && !isUsersRepository(context);
}

/** Why the folder of a job can be empty. */
export const NOT_CHECKED_OUT =
  'is empty: no step before this one has checked the repository out (uses: actions/checkout)';

/** Whether the names in a folder are those of a checkout that never was. */
export function isEmptyCheckout(names: readonly string[]): boolean {
  return names.every((name) => name === '.git');
}
