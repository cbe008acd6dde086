import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

/*
 * Runs parts of the set-up in folders of their own. What surrounds a part is given
 * as functions after it was sourced, or as programs that come first on PATH.
 */

export const ROOT = join(import.meta.dirname, '..', '..');

const folders: string[] = [];
afterAll(() =>
  Promise.all(folders.map((folder) => fs.rm(folder, { recursive: true, force: true }))),
);

/** A folder with some files in it; those that begin with `#!` are programs. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'sea-trial-scripts-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await fs.mkdir(dirname(path), { recursive: true });
    await fs.writeFile(path, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  return folder;
}

/** What a script said, and its exit code. */
interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs bash with these arguments; `programs` comes first on PATH. */
export async function bash(
  args: readonly string[],
  options: { readonly programs?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Said> {
  const cache = await folderOf({});
  const { programs, env } = options;
  const { status, stdout, stderr } = spawnSync('bash', [...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      SEA_TRIAL_SETUP: '',
      SEA_TRIAL_CACHE: cache,
      PATH: programs === undefined ? process.env.PATH : `${programs}:${process.env.PATH}`,
      ...env,
    },
  });
  return { status, stdout, stderr };
}

/** Sources a part of the set-up, changes its surroundings, and calls. */
export function part(
  name: string,
  lines: readonly string[],
  options?: Parameters<typeof bash>[1],
): Promise<Said> {
  return bash(['-c', [`. scripts/rig/${name}.sh`, ...lines].join('\n')], options);
}
