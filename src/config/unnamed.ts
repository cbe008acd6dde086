import { join } from 'node:path';
import {
  child,
  type NodeEntry,
  type Position,
  type SourceNode,
  scalar,
} from '../document/index.js';
import type { Ports } from '../ports/index.js';
import { isRepositoryName } from '../reference/index.js';
import { isCalled } from './request/inline.js';
import type { Request } from './request/request.js';

const TAGS: Position = { file: 'input "tags"' };

/** What an image may be called after the repository, `acme/greeter`; GitHub's names allow more. */
function nameAfter(repository: string | undefined): string | undefined {
  const parts = (repository ?? '').toLowerCase().split('/');
  const name = parts
    .map((part) => part.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').replace(/\.\.+/g, '.'))
    .join('/');
  return isRepositoryName(name) ? name : undefined;
}

/** Versions of a Dockerfile pattern become tags, for images of one name need different ones. */
function tagOf(image: SourceNode | undefined): readonly NodeEntry[] {
  const file = child(child(image, 'build'), 'dockerfile');
  const isPattern = file?.kind === 'scalar' && file.text.includes('{version}');
  return isPattern ? [{ key: 'tags', at: TAGS, value: scalar('{version}', TAGS) }] : [];
}

/**
 * The image that the inputs describe under the repository's name, where `tags` is empty and
 * nothing is pushed. With no input about an image it is the Dockerfile of the checkout. Undefined
 * where there is nothing to name, or nothing to name it after.
 */
export async function namedAfterRepository(
  { inline, from, push, root }: Request,
  { env, files }: Pick<Ports, 'env' | 'files'>,
): Promise<SourceNode | undefined> {
  if (from !== 'inputs' || push || (inline !== undefined && isCalled(inline))) return undefined;
  const name = nameAfter(env.GITHUB_REPOSITORY);
  if (name === undefined) return undefined;
  if (inline === undefined && (await files.look(join(root, 'Dockerfile'))) === undefined) {
    return undefined;
  }
  const described = inline?.kind === 'map' ? inline.entries : [];
  const named: NodeEntry = { key: 'name', at: TAGS, value: scalar(name, TAGS) };
  return { kind: 'map', entries: [named, ...tagOf(inline), ...described], at: TAGS };
}
