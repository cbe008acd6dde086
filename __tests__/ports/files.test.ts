import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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

describe('a FIFO, a device or a socket in the place of a file', () => {
  test('a pipe that no program writes to keeps nothing waiting, and is named', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(realPorts().files.read(pipe)).rejects.toMatchObject({
      code: 'EFTYPE',
      message: `${pipe} is a pipe (FIFO) that no program writes to, not a file`,
    });
  });

  test('a device that holds nothing is empty', async () => {
    expect(await realPorts().files.read('/dev/null')).toHaveLength(0);
  });

  test('a socket is named', async () => {
    const path = join(folder, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    try {
      await expect(realPorts().files.read(path)).rejects.toMatchObject({ code: 'EFTYPE', path });
    } finally {
      server.close();
    }
  });
});
