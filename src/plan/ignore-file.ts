import { join } from 'node:path';
import type { DockerfilePlan } from '../evidence/index.js';
import type { Files } from '../ports/index.js';

/** Bytes of a list that somebody wrote. */
const LARGEST = 1024 * 1024;

/**
 * What a build's context leaves out: the list beside the Dockerfile comes before the
 * context's own. One that is not there, or that nobody can have written, is empty.
 */
export async function readIgnore(
  { file, context }: Pick<DockerfilePlan, 'file' | 'context'>,
  root: string,
  files: Pick<Files, 'look' | 'read'>,
): Promise<{ readonly file: string; readonly text: string }> {
  const own = join(context, '.dockerignore');
  for (const path of [`${file}.dockerignore`, own]) {
    if ((await files.look(join(root, path))) === undefined) continue;
    const content = await files.read(join(root, path), LARGEST).catch(() => undefined);
    return { file: path, text: content?.toString('utf8') ?? '' };
  }
  return { file: own, text: '' };
}
