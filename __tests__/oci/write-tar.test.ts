import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { type TarFile, writeTar } from '../../src/oci/index.js';

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
    ).toEqual([
      '-rw-r--r-- 0/0 6 1970-01-01 00:00 blobs/sha256/a',
      '-rw------- 0/0 0 1970-01-01 00:00 empty',
      `-rw-r--r-- 0/0 6 1970-01-01 00:00 ${long}`,
    ]);
    expect(execFileSync('tar', ['-xOf', '-', long], { input: bytes, encoding: 'utf8' })).toBe(
      'hello\n',
    );
  });

  test('gives equal bytes for equal files', async () => {
    const files = [{ name: 'a', size: 6, content }];
    expect(await written(files)).toEqual(await written(files));
  });

  test.each([
    ['fewer', 7, '6'],
    ['more', 5, 'more'],
  ])('fails where %s bytes come than announced', async (_, size, found) => {
    await expect(written([{ name: 'a', size, content }])).rejects.toMatchObject({
      code: 'digest-mismatch',
      found: `${found} bytes`,
      expected: `${size} bytes`,
    });
  });
});
