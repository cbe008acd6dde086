import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { PlannedImage } from '../evidence/index.js';
import type { Files } from '../ports/index.js';

/** A base name that no other image has, and that is the same in every run. */
function contextName(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${id.replace(/[^A-Za-z0-9_.-]+/g, '-')}-${hash}`;
}

/**
 * Gives the context of each image a name of its own, as a link in `folder`. BuildKit
 * keeps what it was sent under the context's base name and compares size and time
 * only, so two contexts of one name can be taken for each other (moby/buildkit#4950).
 * No file of the user's is touched. Answers image id → path of the link.
 */
export async function linkContexts(
  images: readonly PlannedImage[],
  root: string,
  folder: string,
  files: Files,
): Promise<ReadonlyMap<string, string>> {
  await files.makeDirectory(folder);
  const links = images.map(async ({ id, build }) => {
    const path = join(folder, contextName(id));
    await files.link(join(root, build.context), path);
    return [id, path] as const;
  });
  return new Map(await Promise.all(links));
}
