import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createFileReader } from '../../src/contents/index.js';
import { cutAt, rawTar } from '../oci/raw-tar.js';

const LIMITS = { unpacked: 1024 * 1024, file: 10 };

/** What is read of stored bytes: the texts of the files by their paths, or the fault. */
async function read(
  bytes: Buffer,
  {
    cuts = [],
    wanted = () => true,
    limits = LIMITS,
  }: {
    cuts?: readonly number[];
    wanted?: (path: string) => boolean;
    limits?: typeof LIMITS;
  } = {},
) {
  const reader = createFileReader(wanted, limits);
  for (const piece of cutAt(bytes, cuts)) await reader.write(piece);
  const found = await reader.end();
  if ('fault' in found) return found.fault;
  const files = [...found.files].map(([path, content]) => [path, content.toString()]);
  return { diffId: found.diffId, files };
}

const tar = rawTar([
  { path: './etc/', type: '5' },
  { path: '/etc//one', content: 'first' },
  { path: 'etc/two', content: '0123456789' },
  { path: 'etc/large', content: '0123456789x' },
  { path: 'etc/link', type: '2', link: 'one' },
  { path: '../outside', content: 'x' },
  { path: 'etc/../etc/one', content: 'last' },
  { path: 'empty' },
]);
const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
const all = {
  diffId,
  files: [
    ['etc/one', 'last'],
    ['etc/two', '0123456789'],
    ['empty', ''],
  ],
};

describe('the files of a layer', () => {
  test.each([
    ['as it is', tar],
    ['in gzip', gzipSync(tar)],
    ['in zstd', zstdCompressSync(tar)],
  ])('are read %s, whatever the pieces', async (_, stored) => {
    expect(await read(stored)).toStrictEqual(all);
    const each = Array.from({ length: stored.length }, (_one, at) => at);
    expect(await read(stored, { cuts: each })).toStrictEqual(all);
    expect(await read(stored, { cuts: [1, 2, 600] })).toStrictEqual(all);
  });

  test('are those alone that are wanted, by their normal paths', async () => {
    const asked: string[] = [];
    const wanted = (path: string) => {
      asked.push(path);
      return path === 'etc/two';
    };
    expect(await read(tar, { wanted })).toStrictEqual({
      diffId,
      files: [['etc/two', '0123456789']],
    });
    expect(asked).toStrictEqual(['etc/one', 'etc/two', 'etc/one', 'empty']);
  });

  test('are none in a layer of no bytes', async () => {
    const none = `sha256:${createHash('sha256').digest('hex')}`;
    expect(await read(Buffer.alloc(0))).toStrictEqual({ diffId: none, files: [] });
  });

  test.each([
    ['as it is', tar],
    ['in gzip', gzipSync(tar)],
  ])('are read up to a limit of what is unpacked, %s', async (_, stored) => {
    const limit = (unpacked: number) => ({ limits: { ...LIMITS, unpacked } });
    expect(await read(stored, limit(tar.length))).toStrictEqual(all);
    expect(await read(stored, limit(tar.length - 1))).toBe(
      `it unpacks to more than ${tar.length - 1} bytes`,
    );
  });

  test.each<[string, Buffer, RegExp]>([
    ['is cut off', tar.subarray(0, 700), /^the tar archive ends at byte 700: a header is cut off$/],
    ['is no archive', Buffer.alloc(1024, 'x'), /^the tar archive is damaged at byte 0: /],
    ['is damaged as a stream', gzipSync(tar).subarray(0, 60), /^unexpected end of file$/],
    [
      'has other bytes behind it',
      Buffer.concat([gzipSync(tar), Buffer.alloc(3)]),
      /^3 other bytes follow$/,
    ],
    [
      'is no archive in a stream',
      gzipSync(Buffer.alloc(1024, 'x')),
      /^the tar archive is damaged at byte 0: /,
    ],
    [
      'is no archive in a stream that is damaged',
      gzipSync(Buffer.alloc(1024, 'x')).subarray(0, -2),
      /^the tar archive is damaged at byte 0: /,
    ],
  ])('are not known where it %s', async (_, stored, fault) => {
    expect(await read(stored)).toMatch(fault);
  });

  test('are not read on behind a fault, or where the reader is stopped', async () => {
    const reader = createFileReader(() => true, LIMITS);
    await reader.write(Buffer.alloc(1024, 'x'));
    expect(reader.write(tar)).toBeUndefined();
    expect(await reader.end()).toStrictEqual({
      fault: expect.stringMatching(/^the tar archive is damaged at byte 0: /),
    });
    const unbegun = createFileReader(() => true, LIMITS);
    unbegun.stop();
    const asked: string[] = [];
    const stopped = createFileReader((path) => asked.push(path) > 0, LIMITS);
    const stored = gzipSync(tar);
    await stopped.write(stored.subarray(0, 20));
    stopped.stop();
    await stopped.write(stored.subarray(20));
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toStrictEqual([]);
  });
});
