import type { ImageEntry } from '../config/index.js';
import type { LocatedPath, Position } from '../document/index.js';
import type { GrantRequest } from '../kinds/index.js';
import { type PathScope, pathEscape } from '../ports/index.js';

/** What the sources ask for, with the reason where a symbolic link makes them. */
export interface SourceRequest extends GrantRequest {
  /** It is due to a symbolic link, which the sources hold. */
  readonly byLink?: true;
}

/** A path of the configuration that may need a grant. */
interface GrantedPath {
  readonly grant: string;
  /** What it is, as a sentence begins: `secret file`. */
  readonly what: string;
  readonly path: string;
  readonly at: Position;
  /** The path as it is written, if it is another text. */
  readonly written?: string;
}

export async function pathRequest(
  { grant, what, path, at, written = path }: GrantedPath,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const how = await pathEscape(path, surroundings);
  if (how === undefined) return [];
  if (how === 'outside') {
    return [{ grant, at, what: `${what} "${written}" is outside the workspace; it` }];
  }
  const words = `${what} "${written}" goes through a symbolic link; it`;
  return [{ grant, at, what: words, byLink: true }];
}

export function secretRequests({ secrets }: ImageEntry['build']): readonly SourceRequest[] {
  return secrets
    .filter(({ env, file }) => env !== undefined || file !== undefined)
    .map(({ id, env, at }) => ({
      grant: 'secrets',
      what: `secret "${id}" from ${env === undefined ? 'a file' : `the environment's "${env}"`}`,
      at,
    }));
}

export function contextRequests(
  context: LocatedPath,
  surroundings: PathScope,
): Promise<readonly SourceRequest[]> {
  const wanted = { ...context, grant: 'contexts', what: 'context', path: context.value };
  return pathRequest(wanted, surroundings);
}
