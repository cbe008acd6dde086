import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLayout, type Layout, layoutOf } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { sha256 } from './images.js';

const { files } = realPorts();
const bytes = Buffer.from('the bytes');
const digest = sha256(bytes);
const other = sha256('other bytes');

let folder = '';
let layout: Layout;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-layout-'));
  layout = await createLayout(files, folder);
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a blob as a build does; what its source throws leaves nothing. */
async function write(expected: string | undefined, source: Buffer | AsyncIterable<Buffer>) {
  const writer = layout.begin(expected);
  try {
    for await (const chunk of Buffer.isBuffer(source) ? [source] : source) {
      await writer.write(chunk);
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.end();
}

async function stored() {
  return {
    blobs: await readdir(join(folder, 'blobs/sha256')),
    partial: await readdir(join(folder, 'partial')),
  };
}

describe('a blob', () => {
  test.each<[string, string | undefined, () => Buffer | Readable]>([
    ['with its digest', digest, () => bytes],
    ['without a digest', undefined, () => bytes],
    ['from a stream', digest, () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)])],
  ])('written %s is read again', async (_, expected, source) => {
    expect(await write(expected, source())).toStrictEqual({ digest, size: bytes.length });
    expect(await layout.has(digest)).toBe(true);
    expect(await layout.size(digest)).toBe(bytes.length);
    expect(await layout.readBytes(digest)).toStrictEqual(bytes);
    expect(Buffer.concat(await layout.read(digest).toArray())).toStrictEqual(bytes);
    expect(await stored()).toStrictEqual({ blobs: [digest.slice(7)], partial: [] });
  });

  test('of sha512 has its own place', async () => {
    const long = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    await write(long, bytes);
    expect(await readFile(join(folder, 'blobs/sha512', long.slice(7)))).toStrictEqual(bytes);
  });

  test('with other bytes than its digest names both and leaves nothing', async () => {
    await expect(write(other, bytes)).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: `the blob named ${other} has bytes whose digest is ${digest}`,
      found: digest,
      expected: other,
    });
    expect(await stored()).toStrictEqual({ blobs: [], partial: [] });
  });

  test('whose source fails leaves nothing', async () => {
    const source = (async function* () {
      yield bytes;
      throw new Error('cut off');
    })();
    await expect(write(digest, source)).rejects.toThrow('cut off');
    expect(await stored()).toStrictEqual({ blobs: [], partial: [] });
  });

  test('may be written by many at once', async () => {
    const large = Buffer.alloc(300_000, 'x');
    const writes = Array.from({ length: 8 }, () => write(sha256(large), Readable.from([large])));
    await Promise.all(writes);
    expect(await stored()).toStrictEqual({ blobs: [sha256(large).slice(7)], partial: [] });
    expect(await layout.readBytes(sha256(large))).toStrictEqual(large);
  });
});

test.each<[string, string, number | undefined, string, string]>([
  ['missing', other, undefined, 'missing', `the blob ${other} is not in the layout`],
  ['above the limit', digest, 8, 'too-large', `the blob ${digest} has 9 bytes; 8 are read`],
  [
    'named by what is no digest',
    'sha256:../../etc/passwd',
    undefined,
    'malformed',
    '"sha256:../../etc/passwd" is not a digest',
  ],
])('a blob that is %s is a typed error', async (_, name, limit, code, message) => {
  await write(digest, bytes);
  await expect(layout.readBytes(name, limit)).rejects.toMatchObject({ code, message });
});

test('a blob of as many bytes as the limit is read, and of 4 MiB without one', async () => {
  await write(digest, bytes);
  expect(await layout.readBytes(digest, 9)).toStrictEqual(bytes);
  const large = Buffer.alloc(4 * 1024 * 1024 + 1, 'x');
  await write(sha256(large.subarray(1)), large.subarray(1));
  expect(await layout.readBytes(sha256(large.subarray(1)))).toHaveLength(4 * 1024 * 1024);
  await write(sha256(large), large);
  await expect(layout.readBytes(sha256(large))).rejects.toMatchObject({ code: 'too-large' });
});

test('the file beside the blobs says that it is a layout', async () => {
  expect(JSON.parse(await readFile(join(folder, 'oci-layout'), 'utf8'))).toStrictEqual({
    imageLayoutVersion: '1.0.0',
  });
});

test('what the evidence calls it is no path, unless another name is given', async () => {
  expect(layout.name).toBe('layout');
  expect((await createLayout(files, folder, 'the layout')).name).toBe('the layout');
  expect(layout.directory).toBe(folder);
});

test('a layout of one image lists that alone, and shares its blobs', async () => {
  const manifest = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: bytes.length,
  };
  await write(digest, bytes);
  const inside = await createLayout(files, join(folder, 'inside'));
  await inside.begin(undefined).end();
  const own = await layoutOf(manifest, { directory: join(folder, 'inside') }, files);
  expect(own).toMatch(new RegExp(`^${folder}/image-`));
  expect(JSON.parse(await readFile(join(own, 'index.json'), 'utf8'))).toStrictEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [manifest],
  });
  expect(await readFile(join(own, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}');
  expect(await readdir(join(own, 'blobs/sha256'))).toStrictEqual([sha256('').slice(7)]);
});
