/**
 * Whether a context of a plan is a folder, not an address, another image or a
 * target: what buildx takes for Git or another protocol (docs.docker.com, "Build
 * context") is no folder.
 */
export function isFolder(context: string): boolean {
  return !/^([a-z][a-z0-9+.-]*:|git@|github\.com\/)/.test(context);
}

/** Why the folder of a job can be empty. */
export const NOT_CHECKED_OUT =
  'is empty: no step before this one has checked the repository out (uses: actions/checkout)';

/** Whether the names in a folder are those of a checkout that never was. */
export function isEmptyCheckout(names: readonly string[]): boolean {
  return names.every((name) => name === '.git');
}
