import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { realPorts } from '../../src/ports/index.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-files-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test.each([
  ['nothing', 'nothing'],
  ['a file for a folder', 'file/below'],
  ['a longer name than there can be', 'x'.repeat(300)],
  ['links in a circle', 'circle/below'],
])('%s is nothing', async (_, path) => {
  const { files } = realPorts();
  await files.write(join(folder, 'file'), '');
  await symlink('circle', join(folder, 'circle'));
  expect(await files.look(join(folder, path))).toBeUndefined();
});
