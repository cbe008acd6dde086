import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdtemp, rm, statfs, symlink } from 'node:fs/promises';
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

test('what is there is known by its kind, size, mode and time', async () => {
  const { files } = realPorts();
  const at = (name: string) => join(folder, name);
  await files.write(at('file'), 'abc', 0o640);
  await symlink('file', at('link'));
  execFileSync('mkfifo', [at('pipe')]);
  const { mtimeNs } = await lstat(at('file'), { bigint: true });
  expect(await files.look(at('file'))).toEqual({
    kind: 'file',
    size: 3,
    mode: 0o640,
    modified: mtimeNs,
  });
  const kinds = ['', 'link', 'pipe'].map(async (name) => (await files.look(at(name)))?.kind);
  expect(await Promise.all(kinds)).toEqual(['directory', 'symlink', 'other']);
});

test('what may not be looked at is an error, and not nothing', async () => {
  const { files } = realPorts();
  await expect(files.look('/proc/self/\0')).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
  });
});

test('a program is what may be executed', async () => {
  const { files } = realPorts();
  await files.write(join(folder, 'text'), '', 0o644);
  await files.write(join(folder, 'program'), '', 0o755);
  const programs = ['text', 'program', 'nothing'].map((name) =>
    files.isExecutable(join(folder, name)),
  );
  expect(await Promise.all(programs)).toEqual([false, true, false]);
});

test('a disk says how many bytes of it are free', async () => {
  const { files } = realPorts();
  const { bavail, bsize } = await statfs('/proc');
  expect(await files.free('/proc')).toBe(bavail * bsize);
  expect(await files.free(folder)).toBeGreaterThan(0);
});

test('waiting for a pipe ends with the signal', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reading = realPorts().files.read(pipe, 1000, AbortSignal.abort());
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
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
