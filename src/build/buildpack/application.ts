import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GIT_CONFIG_LIMIT, isGitConfig, withoutGitCredentials } from '../../contents/index.js';
import type { FileFacts, Files } from '../../ports/index.js';

/** A repository's configuration without the credentials that a checkout has left in it; one that is too large to be real is empty. */
export async function maskedGitConfig(
  path: string,
  { size }: Pick<FileFacts, 'size'>,
  files: Pick<Files, 'read'>,
): Promise<Buffer> {
  if (size > GIT_CONFIG_LIMIT) return Buffer.alloc(0);
  const text = (await files.read(path)).toString('latin1');
  return Buffer.from(withoutGitCredentials(text), 'latin1');
}

/** Whether a configuration of Git below a folder holds credentials. */
async function holdsCredentials(folder: string, files: Files): Promise<boolean> {
  for (const name of await files.list(folder)) {
    const path = join(folder, name);
    const facts = await files.look(path);
    if (facts?.kind === 'directory' && (await holdsCredentials(path, files))) return true;
    if (facts?.kind !== 'file' || !isGitConfig(path)) continue;
    const masked = await maskedGitConfig(path, facts, files);
    if (facts.size > GIT_CONFIG_LIMIT || !masked.equals(await files.read(path))) return true;
  }
  return false;
}

/** A second name for the file, or where the copy is on another file system, a copy. */
async function linkOrCopy(from: string, to: string, mode: number, files: Files): Promise<void> {
  try {
    await files.hardLink(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw error;
    }
    // A file keeps the mode that it was made with.
    await files.write(to, '', mode);
    await pipeline(files.reader(from), files.writer(to));
  }
}

async function copy(from: string, to: string, files: Files): Promise<void> {
  await files.makeDirectory(to);
  for (const name of await files.list(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const facts = await files.look(source);
    if (facts?.kind === 'directory') await copy(source, target, files);
    else if (facts?.kind === 'symlink') await files.link(await files.target(source), target);
    else if (facts?.kind === 'file' && isGitConfig(source)) {
      await files.write(target, await maskedGitConfig(source, facts, files), facts.mode);
    } else if (facts?.kind === 'file') await linkOrCopy(source, target, facts.mode, files);
  }
}

/**
 * The folder that buildpacks are given: the application's own, or where a checkout has left
 * credentials in it, a copy without them in `spare`.
 */
export async function applicationFolder(
  context: string,
  spare: string,
  files: Files,
): Promise<string> {
  if (!(await holdsCredentials(context, files))) return context;
  await copy(context, spare, files);
  return spare;
}
