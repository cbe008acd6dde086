import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { createTarReader, type TarFile, type TarHeader, writeTar } from '../../src/oci/index.js';

async function written(files: readonly TarFile[]): Promise<Buffer> {
  return Buffer.concat(await writeTar(files).toArray());
}

const content = Buffer.from('hello\n');

describe('the writer', () => {
  test("is understood by the system's tar", async () => {
    const long = `${'long/'.repeat(50)}name`;
    const bytes = await written([
      { name: 'blobs/sha256/a', size: 6, content },
      { name: 'empty', size: 0, content: Buffer.alloc(0), mode: 0o600 },
      {
        name: long,
        size: 6,
        content: () => Readable.from([content.subarray(0, 2), content.subarray(2)]),
      },
    ]);
    const listed = execFileSync('tar', ['--utc', '-tvf', '-'], { input: bytes, encoding: 'utf8' });
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toStrictEqual([
      '-rw-r--r-- 0/0 6 1970-01-01 00:00 blobs/sha256/a',
      '-rw------- 0/0 0 1970-01-01 00:00 empty',
      `-rw-r--r-- 0/0 6 1970-01-01 00:00 ${long}`,
    ]);
    expect(execFileSync('tar', ['-xOf', '-', long], { input: bytes, encoding: 'utf8' })).toBe(
      'hello\n',
    );
  });

  /** What each header says to a reader. */
  function headersIn(bytes: Buffer): readonly Omit<TarHeader, 'offset'>[] {
    const headers: Omit<TarHeader, 'offset'>[] = [];
    const entry = ({ offset: _, ...header }: TarHeader) => void headers.push(header);
    createTarReader({ entry, data: () => {}, end: () => {} }).write(bytes);
    return headers;
  }

  test('writes directories and links, and whose each is', async () => {
    const owner = { uid: 1000, gid: 1001 };
    const target = `../${'long/'.repeat(30)}name`;
    const bytes = Buffer.concat(
      await writeTar([
        { name: 'd/', kind: 'directory', mode: 0o700, owner },
        { name: 'd/short', kind: 'symlink', target: 'a' },
        { name: 'd/long', kind: 'symlink', target, owner },
        { name: 'd/f', size: 6, content, mode: 0o4755, owner },
      ]).toArray(),
    );
    const root = { uid: 0, gid: 0 };
    expect(headersIn(bytes)).toStrictEqual([
      { path: 'd/', type: '5', kind: 'directory', mode: 0o700, ...owner, size: 0 },
      {
        path: 'd/short',
        type: '2',
        kind: 'symlink',
        mode: 0o644,
        ...root,
        size: 0,
        link: 'a',
      },
      {
        path: 'd/long',
        type: '2',
        kind: 'symlink',
        mode: 0o644,
        ...owner,
        size: 0,
        link: target,
      },
      { path: 'd/f', type: '0', kind: 'file', mode: 0o4755, ...owner, size: 6 },
    ]);
    const listed = execFileSync('tar', ['--utc', '-tvf', '-'], { input: bytes, encoding: 'utf8' });
    expect(listed.replace(/ +/g, ' ')).toContain(
      `lrw-r--r-- 1000/1001 0 1970-01-01 00:00 d/long -> ${target}`,
    );
  });

  test('writes names of every length, whose records count their own digits', async () => {
    const names = Array.from({ length: 1100 }, (_, at) => 'x'.repeat(at + 1));
    const bytes = await written(names.map((name) => ({ name, size: 0, content: Buffer.alloc(0) })));
    expect(headersIn(bytes).map(({ path }) => path)).toStrictEqual(names);
    // A name of a hundred bytes needs no record.
    expect(
      await written([{ name: 'x'.repeat(100), size: 0, content: Buffer.alloc(0) }]),
    ).toHaveLength(1536);
    expect(
      await written([{ name: 'x'.repeat(101), size: 0, content: Buffer.alloc(0) }]),
    ).toHaveLength(2560);
  });

  test.each([8 ** 11 - 1, 8 ** 11, 2 ** 40])('writes a size of %i bytes', async (size) => {
    const pieces: Buffer[] = [];
    const source = writeTar([{ name: 'a', size, content: Buffer.alloc(0) }]);
    await expect(
      (async () => {
        for await (const piece of source) pieces.push(piece);
      })(),
    ).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: `a should have ${size} bytes; 0 were read`,
    });
    expect(headersIn(Buffer.concat(pieces)).map((header) => header.size)).toStrictEqual([size]);
  });

  test('gives equal bytes for equal files', async () => {
    const files = [{ name: 'a', size: 6, content }];
    expect(await written(files)).toStrictEqual(await written(files));
  });

  test.each([
    ['fewer', 7, '6'],
    ['more', 5, 'more'],
  ])('fails where %s bytes come than announced', async (_, size, found) => {
    await expect(written([{ name: 'a', size, content }])).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: `a should have ${size} bytes; ${found} were read`,
      found: `${found} bytes`,
      expected: `${size} bytes`,
    });
  });
});
