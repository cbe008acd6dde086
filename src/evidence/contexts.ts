/**
 * Whether a context of a plan is a folder, not an address, another image or a
 * target: what buildx takes for Git or another protocol (docs.docker.com, "Build
 * context") is no folder.
 */
export function isFolder(context: string): boolean {
  return !/^([a-z][a-z0-9+.-]*:|git@|github\.com\/)/.test(context);
}
