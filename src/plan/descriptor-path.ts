import { posix } from 'node:path';
import type { BuildpackImageEntry, ImageEntry, Request } from '../config/index.js';
import type { LocatedPath } from '../document/index.js';
import { type PathScope, pathEscape } from '../ports/index.js';

/** The project descriptor that pack looks for in the application's folder. */
const DESCRIPTOR = 'project.toml';

export type BuildpackParts = BuildpackImageEntry['build'];

/** Where the descriptor of a build is, or would be. */
export function descriptorPath({ context, descriptor }: BuildpackParts): LocatedPath {
  return descriptor ?? { value: posix.join(context.value, DESCRIPTOR), at: context.at };
}

/** Whether the descriptor is the one that the context holds, whoever names it. */
export function isInContext(build: BuildpackParts): boolean {
  return descriptorPath(build).value === posix.join(build.context.value, DESCRIPTOR);
}

/**
 * Whether what a path leads to may be read, and quoted: it is in the workspace, or given by the
 * workflow. What may not has a problem of its own.
 */
export async function mayRead(
  path: string,
  { fromInputs }: ImageEntry,
  { grants, trust }: Pick<Request, 'grants' | 'trust'>,
  scope: PathScope,
): Promise<boolean> {
  if (grants.includes('contexts') || (fromInputs && !trust.untrusted)) return true;
  // The workspace of what inputs name is the root, as in grants.ts.
  const how = await pathEscape(path, fromInputs ? { ...scope, workspace: scope.root } : scope);
  return fromInputs ? how !== 'link' : how === undefined;
}
