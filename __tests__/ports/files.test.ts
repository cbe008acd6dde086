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
  await expect(files.read(whole, 1000)).rejects.toMatchObject({
    code: 'EFBIG',
    path: whole,
    syscall: 'read',
    message: `${whole} holds more than 1000 bytes`,
  });
});

test('a file is read whole, up to as much as was said, however large its pieces are', async () => {
  const { files } = realPorts();
  const path = join(folder, 'file');
  for (const size of [0, 1000, 65_536, 200_000]) {
    const bytes = Buffer.alloc(size, 'abc');
    await files.write(path, bytes);
    expect((await files.read(path, size)).equals(bytes)).toBe(true);
  }
  expect(`${await files.read('/proc/self/stat')}`).toContain(`${process.pid} `);
});

test('streams hold as much as a disk gives and takes at once, and a range is read alone', async () => {
  const { files } = realPorts();
  const path = join(folder, 'file');
  const writer = files.writer(path);
  expect(writer.writableHighWaterMark).toBe(1024 * 1024);
  writer.end('0123456789');
  await once(writer, 'close');
  const reader = files.reader(path);
  expect(reader.readableHighWaterMark).toBe(256 * 1024);
  expect(`${Buffer.concat(await reader.toArray())}`).toBe('0123456789');
  const part = await files.reader(path, { start: 2, end: 4 }).toArray();
  expect(`${Buffer.concat(part)}`).toBe('234');
});

test('a folder is not read, and named', async () => {
  const { files } = realPorts();
  await expect(files.read(folder)).rejects.toMatchObject({
    code: 'EISDIR',
    path: folder,
    message: `${folder} is a folder`,
  });
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
  // The disk of the tests changes meanwhile, and its blocks have more than one byte.
  const blocks = (await statfs(folder)).bavail;
  expect(await files.free(folder)).toBeGreaterThan(blocks * 100);
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

test('a pipe whose program is slow to write is waited for', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { files, exec, env } = realPorts();
  const script = 'exec 3>"$1"; printf one >&3; sleep 0.3; printf two >&3; sleep 0.3; exit 0';
  const command = { file: 'sh', args: ['-c', script, 'sh', pipe], env: { PATH: env.PATH ?? '' } };
  const [read, { code }] = await Promise.all([files.read(pipe, 1000), exec.run(command)]);
  expect([`${read}`, code]).toEqual(['onetwo', 0]);
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
      await expect(realPorts().files.read(path)).rejects.toMatchObject({
        code: 'EFTYPE',
        path,
        message: `${path} is a socket, or a device that does not exist; a file was expected`,
      });
    } finally {
      server.close();
    }
  });
});
