import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

test.each([
  ['a device that never ends', '/dev/zero'],
  ['a file', 'file'],
])('no more of %s is read than was said', async (_, path) => {
  const { files } = realPorts();
  const whole = resolve(folder, path);
  if (path === 'file') await files.write(whole, 'x'.repeat(1001));
  await expect(files.read(whole, 1000)).rejects.toThrow(`${whole} holds more than 1000 bytes`);
});

test('a folder is not read, and named', async () => {
  const { files } = realPorts();
  await expect(files.read(folder)).rejects.toMatchObject({ code: 'EISDIR', path: folder });
});

test('a pipe is read to its end', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { files } = realPorts();
  const [read] = await Promise.all([files.read(pipe, 1000), files.write(pipe, 'images: []\n')]);
  expect(read.toString()).toBe('images: []\n');
});
