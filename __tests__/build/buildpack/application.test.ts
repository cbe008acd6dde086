import { mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applicationFolder } from '../../../src/build/buildpack/application.js';
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

  test('is such a copy on another file system, too', async () => {
    await write('.git/config', WITH);
    const far = {
      ...files,
      hardLink: () => Promise.reject(Object.assign(new Error('far'), { code: 'EXDEV' })),
    };
    expect(await applicationFolder(app, spare, far)).toBe(spare);
    expect(await readFile(join(spare, 'app.py'), 'utf8')).toBe('print(1)\n');
    expect((await stat(join(spare, 'bin/start'))).mode & 0o777).toBe(0o755);
  });
});
