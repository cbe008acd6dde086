import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './harness.js';

/** A checkout of its own in a folder of its own. */
export interface Workspace {
  readonly path: string;
  remove(): Promise<void>;
}

function commit(path: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: path,
      stdio: 'pipe',
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=Begin');
}

async function made(fill: (path: string) => Promise<void>): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), 'sea-trial-workspace-'));
  await fill(path);
  commit(path);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A committed copy of one of the examples. */
export function exampleWorkspace(name: string): Promise<Workspace> {
  return made((path) => cp(join(root, 'examples', name), path, { recursive: true }));
}

/** A committed folder with these files. */
export function workspace(files: Readonly<Record<string, string>>): Promise<Workspace> {
  return made(async (path) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
  });
}
