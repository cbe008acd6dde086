import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Fills a folder with files that a commit can hold and that git takes for a repository:
 * its commit is missing, and to be fetched by a program that makes the file `sign`.
 */
export async function looksLikeRepository(folder: string, worktree: string, sign: string) {
  const made = await mkdtemp(join(tmpdir(), 'sea-trial-looks-like-'));
  const git = (...args: readonly string[]) => run('git', ['-C', made, ...args]);
  await git('init', '-q', '-b', 'main');
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  await git(...who, 'commit', '-q', '--allow-empty', '-m', 'x');
  for (const [name, value] of [
    ['core.worktree', worktree],
    ['core.repositoryFormatVersion', '1'],
    ['extensions.partialClone', 'origin'],
    ['remote.origin.url', '/tmp'],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.uploadpack', `touch ${sign}; false`],
  ] as const) {
    await git('config', name, value);
  }
  await rm(join(made, '.git', 'objects'), { recursive: true });
  await mkdir(join(made, '.git', 'objects'));
  await cp(join(made, '.git'), folder, { recursive: true });
  await rm(made, { recursive: true });
}

/** What git does where nothing holds it back. */
export async function askGit(folder: string): Promise<void> {
  await run('git', ['-c', 'safe.bareRepository=all', 'log', '-1', 'HEAD', '--'], {
    cwd: folder,
  }).catch(() => {});
}
