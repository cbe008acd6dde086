import { mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applicationFolder } from '../../../src/build/buildpack/application.js';
import { GIT_CONFIG_LIMIT } from '../../../src/contents/index.js';
import { files } from '../../../src/ports/files.js';

const SECRET = 'AUTHORIZATION: basic c2VjcmV0';
const WITH = `[core]\n\tbare = false\n[http "https://github.com/"]\n\textraheader = ${SECRET}\n`;
let folder = '';
let app = '';
let spare = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-application-'));
  [app, spare] = [join(folder, 'app'), join(folder, 'spare')];
  await write('app.py', 'print(1)\n');
  await write('bin/start', '#!/bin/sh\n', 0o755);
  await symlink('bin/start', join(app, 'start'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(app, name)), { recursive: true });
  await writeFile(join(app, name), text, { mode });
}

describe('the folder that buildpacks are given', () => {
  test("is the application's own where no checkout has left credentials in it", async () => {
    await write('.git/config', '[core]\n\tbare = false\n');
    expect(await applicationFolder(app, spare, files)).toBe(app);
    expect(await files.look(spare)).toBeUndefined();
  });

  test.each(['.git/config', '.git/modules/sub/config', 'vendored/.git/config'])(
    'is a copy without the credentials in %s, and otherwise the same',
    async (config) => {
      await write(config, WITH);
      expect(await applicationFolder(app, spare, files)).toBe(spare);
      const masked = await readFile(join(spare, config), 'utf8');
      expect(masked).toContain('bare = false');
      expect(masked).not.toContain('c2VjcmV0');
      expect(await readFile(join(app, config), 'utf8')).toBe(WITH);
      expect(await readFile(join(spare, 'app.py'), 'utf8')).toBe('print(1)\n');
      expect((await stat(join(spare, 'bin/start'))).mode & 0o777).toBe(0o755);
      expect(await readlink(join(spare, 'start'))).toBe('bin/start');
    },
  );

  const unlinked = (code: string) => ({
    ...files,
    hardLink: () => Promise.reject(Object.assign(new Error(code), { code })),
  });

  test.each(['EXDEV', 'EPERM', 'EMLINK'])('is such a copy without links, too: %s', async (code) => {
    await write('.git/config', WITH);
    const far = unlinked(code);
    expect(await applicationFolder(app, spare, far)).toBe(spare);
    expect(await readFile(join(spare, 'app.py'), 'utf8')).toBe('print(1)\n');
    expect((await stat(join(spare, 'bin/start'))).mode & 0o777).toBe(0o755);
  });

  test('keeps bytes of a configuration that are no UTF-8', async () => {
    const name = '[user]\n\tname = Ren\xe9\n';
    await mkdir(join(app, '.git'));
    await writeFile(join(app, '.git/config'), Buffer.from(`${WITH}${name}`, 'latin1'));
    expect(await applicationFolder(app, spare, files)).toBe(spare);
    expect(await readFile(join(spare, '.git/config'), 'latin1')).toContain(name);
  });

  test('is none where the disk fails', async () => {
    await write('.git/config', WITH);
    await expect(applicationFolder(app, spare, unlinked('ENOSPC'))).rejects.toThrow('ENOSPC');
  });

  test('has nothing of a configuration that is too large to be one', async () => {
    await write('.git/config', '#'.repeat(GIT_CONFIG_LIMIT + 1));
    expect(await applicationFolder(app, spare, files)).toBe(spare);
    expect((await stat(join(spare, '.git/config'))).size).toBe(0);
    await write('.git/config', '#'.repeat(GIT_CONFIG_LIMIT));
    expect(await applicationFolder(app, join(folder, 'other'), files)).toBe(app);
  });
});
