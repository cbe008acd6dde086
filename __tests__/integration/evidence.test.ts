import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CLI, environment, project } from './rig.js';

test('where the evidence cannot be written, nothing is started and nothing is replaced', async () => {
  const folder = await project({
    'sea-trial.yml': 'images: [{ name: ghcr.io/acme/ship, platforms: [linux/amd64] }]\n',
    Dockerfile: 'FROM scratch\n',
    'folder/.keep': '',
    target: 'mine',
  });
  await fs.symlink('target', join(folder, 'link'));
  const asked = [
    ['nowhere/e.json', 'there is no folder "nowhere"'],
    ['folder/.keep/e.json', 'it cannot be written there (ENOTDIR)'],
    ['folder', 'this is a directory; the evidence needs a file of its own'],
    ['link', 'this is a symlink; the evidence needs a file of its own'],
    ['/dev/null', 'this is a device; the evidence needs a file of its own'],
  ] as const;
  for (const [path, words] of asked) {
    const args = [CLI, 'run', '--evidence', path];
    const run = spawnSync(process.execPath, args, {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
    });
    expect(run.stderr).toContain(`--evidence ${path}: ${words}`);
    expect(run.status).toBe(2);
  }
  expect((await fs.lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  expect((await fs.lstat('/dev/null')).isCharacterDevice()).toBe(true);
  expect(await fs.readFile(join(folder, 'target'), 'utf8')).toBe('mine');
});
