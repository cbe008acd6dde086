import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ProgramBytes } from '../../src/contents/index.js';
import { cutAt, rawTar, seeded } from '../oci/raw-tar.js';
import { buildGoPrograms, type GoPrograms, MODULE } from './go-programs.js';
import { scan } from './scanned.js';

async function programOf(
  content: Buffer,
  cuts: readonly number[] = [],
): Promise<ProgramBytes | undefined> {
  const { entries, problems } = await scan(rawTar([{ path: 'program', content }]), cuts);
  expect(problems).toStrictEqual([]);
  return entries[0]?.program;
}

let go: GoPrograms;
beforeAll(() => {
  go = buildGoPrograms();
  // Go's own library is compiled for five architectures where its cache is cold.
}, 300_000);

const program = (architecture: string) => go.programs.get(architecture) ?? Buffer.alloc(0);

describe('real programs made by Go', () => {
  test.each([
    ['amd64', 64, 'little', 62, { GOAMD64: 'v1' }],
    ['arm', 32, 'little', 40, { GOARM: '6' }],
    ['arm64', 64, 'little', 183, { GOARM64: 'v8.0' }],
    ['s390x', 64, 'big', 22, {}],
    ['ppc64le', 64, 'little', 21, { GOPPC64: 'power8' }],
  ])('for %s', async (architecture, bits, data, machine, settings) => {
    const content = program(architecture);
    expect(await programOf(content)).toStrictEqual({
      magic: 'elf',
      digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      elf: {
        architecture,
        machine,
        class: bits,
        data,
        type: 'executable',
        flags: expect.any(Number),
      },
      go: {
        toolchain: go.version,
        path: MODULE,
        module: MODULE,
        version: '(devel)',
        settings: expect.objectContaining({
          CGO_ENABLED: '0',
          GOOS: 'linux',
          GOARCH: architecture,
          ...settings,
        }),
      },
    });
  });

  test('from a file, whose package has lost its name', async () => {
    expect((await programOf(go.fromFile))?.go?.path).toBe('command-line-arguments');
  });

  test('give the same in pieces of any size', async () => {
    const content = program('s390x');
    const whole = await programOf(content);
    const random = seeded(1);
    for (let round = 0; round < 20; round++) {
      const cuts = Array.from({ length: 1 + random(60) }, () => random(content.length));
      expect(await programOf(content, cuts)).toStrictEqual(whole);
    }
    const first = Array.from({ length: 3000 }, (_, at) => at);
    expect(await programOf(content, first)).toStrictEqual(whole);
    const at = content.indexOf(Buffer.from('\xff Go buildinf:', 'latin1')) + 512;
    const around = Array.from({ length: 600 }, (_, step) => at - 20 + step);
    expect(await programOf(content, around)).toStrictEqual(whole);
  });

  test("the machine's own program has an interpreter", async () => {
    const found = await programOf(readFileSync('/bin/tar'));
    expect(found?.unknown).toBeUndefined();
    expect(found?.elf?.interpreter).toMatch(/^\/lib.*ld.*\.so/);
  });
});

describe('damaged programs', () => {
  test('cut anywhere in the first 4 KiB are told with a reason', async () => {
    const content = program('amd64');
    for (let length = 4; length < 4096; length++) {
      const found = await programOf(content.subarray(0, length));
      expect(found).toMatchObject({ magic: 'elf', digest: expect.any(String) });
      expect(found?.go).toBeUndefined();
      if (length < 64)
        expect(found?.unknown).toBe(`its ELF header is cut off after ${length} bytes`);
      else if (length < 400)
        expect(found?.unknown).toMatch(/program header table would lie behind/);
    }
  });

  test('with flipped bytes never throw and do not depend on the pieces', async () => {
    const content = program('arm').subarray(0, 200_000);
    const random = seeded(42);
    for (let round = 0; round < 300; round++) {
      const damaged = Buffer.from(content);
      const reach = random(2) === 0 ? 64 : 4096;
      for (let flips = random(6); flips >= 0; flips--) damaged[4 + random(reach)] = random(256);
      const cuts = [random(damaged.length), random(70_000), random(5000)];
      expect(await programOf(damaged, cuts)).toStrictEqual(await programOf(damaged));
    }
  });

  test.each<[string, (bytes: Buffer) => void, RegExp]>([
    ['class', (bytes) => bytes.writeUInt8(3, 4), /^its ELF class is 3, neither 1 nor 2$/],
    ['byte order', (bytes) => bytes.writeUInt8(0, 5), /^its ELF byte order is 0/],
    [
      'table of too many',
      (bytes) => bytes.writeUInt16LE(0xffff, 56),
      /^its program header table has 65535 entries/,
    ],
    [
      'table of tiny entries',
      (bytes) => bytes.writeUInt16LE(1, 54),
      /table has \d+ entries of 1 bytes/,
    ],
    ['table far away', (bytes) => bytes.writeBigUInt64LE(2n ** 63n, 32), /table would lie behind/],
  ])('%s', async (_, damage, reason) => {
    const bytes = Buffer.from(program('amd64'));
    damage(bytes);
    expect((await programOf(bytes))?.unknown).toMatch(reason);
  });
});

/** A 64-bit little-endian ELF file with the given segments. */
function makeElf(
  segments: readonly { type: number; flags: number; offset: number; size: number }[],
  size: number,
  tableAt = 64,
): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(BigInt(tableAt), 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(segments.length, 56);
  segments.forEach((segment, number) => {
    const at = tableAt + number * 56;
    bytes.writeUInt32LE(segment.type, at);
    bytes.writeUInt32LE(segment.flags, at + 4);
    bytes.writeBigUInt64LE(BigInt(segment.offset), at + 8);
    bytes.writeBigUInt64LE(BigInt(segment.size), at + 32);
  });
  return bytes;
}

const MAGIC = '\xff Go buildinf:';
const string = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const inline = (version: string, text: string) =>
  Buffer.concat([
    Buffer.from(`${MAGIC}\x08\x02`.padEnd(32, '\0'), 'latin1'),
    string(version),
    string(text),
  ]);

describe('programs of unusual shape', () => {
  test('a table and an interpreter that a tool moved to the end', async () => {
    const bytes = makeElf([{ type: 3, flags: 4, offset: 150_000, size: 8 }], 200_000, 100_000);
    bytes.write('/lib/ld\0', 150_000);
    const expected = { elf: expect.objectContaining({ interpreter: '/lib/ld', type: 'shared' }) };
    expect(await programOf(bytes)).toMatchObject(expected);
    expect(await programOf(bytes, [100_600, 100_700, 150_003])).toMatchObject(expected);
  });

  test.each([
    [0, 'the name of its interpreter has 0 bytes'],
    [1, undefined],
    [4096, undefined],
    [4097, 'the name of its interpreter has 4097 bytes'],
  ])('an interpreter whose name has %i bytes', async (size, unknown) => {
    const bytes = makeElf([{ type: 3, flags: 4, offset: 1000, size }], 10_000);
    bytes.write('/ld', 1000);
    const found = await programOf(bytes);
    expect(found?.unknown).toBe(unknown);
    expect(found?.elf?.interpreter).toBe(unknown === undefined ? '/ld'.slice(0, size) : undefined);
  });

  test.each([
    [512, 56, undefined],
    [513, 56, 'its program header table has 513 entries of 56 bytes'],
    [1, 1024, undefined],
    [1, 1025, 'its program header table has 1 entries of 1025 bytes'],
    [1, 55, 'its program header table has 1 entries of 55 bytes'],
    [0, 0, undefined],
  ])('a table of %i entries of %i bytes', async (entries, entrySize, unknown) => {
    const bytes = makeElf([], 100_000);
    bytes.writeUInt16LE(entrySize, 54);
    bytes.writeUInt16LE(entries, 56);
    expect((await programOf(bytes))?.unknown).toBe(unknown);
  });

  test('an interpreter behind the reader is unknown', async () => {
    const bytes = makeElf([{ type: 3, flags: 4, offset: 80_000, size: 8 }], 200_000, 100_000);
    expect(await programOf(bytes)).toMatchObject({
      unknown: "its interpreter's name lies where it cannot be read in one pass",
    });
  });

  test.each<[string, Buffer, number, object]>([
    [
      'build information at any aligned place of the data',
      inline(
        'go1.99',
        'path\tx/y\nmod\tx\tv1.2.3\th1:=\nbuild\t-ldflags="-X a=b"\nbuild\tCGO_ENABLED=1\n',
      ),
      90_000 - (90_000 % 16),
      {
        go: {
          toolchain: 'go1.99',
          path: 'x/y',
          module: 'x',
          version: 'v1.2.3',
          settings: { '-ldflags': '-X a=b', CGO_ENABLED: '1' },
        },
      },
    ],
    [
      'without a module text',
      inline('devel +abc', ''),
      70_400,
      { go: { toolchain: 'devel +abc', settings: {} } },
    ],
    [
      'of Go 1.17, by pointers',
      Buffer.from(`${MAGIC}\x08\x00`, 'latin1'),
      70_400,
      { unknown: 'its build information is of Go 1.17 or older, which one pass cannot follow' },
    ],
    [
      'that is cut off',
      inline('go1.99', 'path\tx').subarray(0, 35),
      200_000 - 48,
      { unknown: 'its Go build information is cut off' },
    ],
  ])('%s', async (_, information, at, expected) => {
    const bytes = makeElf([{ type: 1, flags: 6, offset: 65_000, size: 135_000 }], 200_000);
    information.copy(bytes, at);
    const cut = at + information.length < 200_000 - 48 ? bytes : bytes.subarray(0, at + 35);
    if (cut.length < bytes.length) cut.writeBigUInt64LE(BigInt(cut.length - 65_000), 64 + 32);
    const found = await programOf(cut);
    expect(found).toMatchObject(expected);
    expect(await programOf(cut, [at + 520, at + 533, at + 560])).toStrictEqual(found);
  });

  test.each<[string, number, number]>([
    ['out of line', 70_408, 6],
    ['in read-only data', 70_400, 4],
    ['in code', 70_400, 7],
  ])('the words alone are no build information: %s', async (_, at, flags) => {
    const bytes = makeElf([{ type: 1, flags, offset: 65_000, size: 135_000 }], 200_000);
    inline('go1.99', 'path\tx').copy(bytes, at);
    const found = await programOf(bytes);
    expect([found?.go, found?.unknown]).toStrictEqual([undefined, undefined]);
  });

  test('data in any order is searched, and what overlaps once', async () => {
    for (const [first, second] of [
      [4096, 100_000],
      [100_000, 4096],
      [4096, 50_000],
    ]) {
      const segments = [first, second].map((offset = 0) => ({
        type: 1,
        flags: 6,
        offset,
        size: 60_000,
      }));
      const bytes = makeElf(segments, 200_000);
      inline('go1.99', 'path\tx').copy(bytes, 8192);
      expect((await programOf(bytes))?.go).toMatchObject({ path: 'x' });
    }
  });

  test('a false beginning does not hide the true one', async () => {
    const bytes = makeElf([{ type: 1, flags: 6, offset: 65_000, size: 135_000 }], 200_000);
    inline('rust', 'x').copy(bytes, 70_400);
    Buffer.from(MAGIC, 'latin1').copy(bytes, 70_416);
    inline('go1.50', 'path\tx').copy(bytes, 80_000);
    expect((await programOf(bytes))?.go).toMatchObject({ toolchain: 'go1.50', path: 'x' });
  });

  test('a text longer than a piece is put together', async () => {
    const text = `path\tx\n${'dep\ty\tv1\n'.repeat(20_000)}build\tGOOS=linux\n`;
    const length = Buffer.from([
      (text.length & 0x7f) | 0x80,
      ((text.length >> 7) & 0x7f) | 0x80,
      text.length >> 14,
    ]);
    const head = Buffer.from(`${MAGIC}\x08\x02`.padEnd(32, '\0'), 'latin1');
    const information = Buffer.concat([head, string('go1.99'), length, Buffer.from(text)]);
    const bytes = makeElf([{ type: 1, flags: 6, offset: 4096, size: 400_000 }], 500_000);
    information.copy(bytes, 8192);
    const cuts = Array.from({ length: 400 }, (_, step) => step * 1250);
    const found = await programOf(bytes, cuts);
    expect(found?.go).toStrictEqual({
      toolchain: 'go1.99',
      path: 'x',
      settings: { GOOS: 'linux' },
    });
    expect(await programOf(bytes)).toStrictEqual(found);
  });
});

test('a file is no script for what stood in the one before it', async () => {
  const tar = rawTar([
    { path: 'a', content: '#!/bin/sh' },
    { path: 'b', content: '#xyz' },
  ]);
  const { entries } = await scan(tar, [1537]);
  expect(entries.map(({ program }) => program?.script)).toStrictEqual(['/bin/sh', undefined]);
});

test('files that are no programs', async () => {
  for (const content of ['#abc', 'a!bc']) {
    expect(await programOf(Buffer.from(content))).toBeUndefined();
  }
  for (const content of ['', '#', 'ab', '\x7fEL', 'text', cutAt(Buffer.alloc(1000), [])[0] ?? '']) {
    expect(await programOf(Buffer.from(content as string, 'latin1'))).toBeUndefined();
  }
});

test.each<[string, object]>([
  ['#!/bin/sh\necho', { magic: 'script', script: '/bin/sh' }],
  ['#! /usr/bin/env  python3 -u\n', { magic: 'script', script: '/usr/bin/env  python3 -u' }],
  ['#!/bin/sh', { magic: 'script', script: '/bin/sh' }],
  ['#!/bin/sh \t\n', { magic: 'script', script: '/bin/sh' }],
  ['#!/bin/sh\r\n', { magic: 'script', script: '/bin/sh\r' }],
  ['#!\n', { magic: 'script', unknown: 'its first line names no interpreter' }],
  [`#!/${'x'.repeat(400)}`, { magic: 'script', script: `/${'x'.repeat(253)}` }],
])('a script: %j', async (content, expected) => {
  expect(await programOf(Buffer.from(content))).toStrictEqual(expected);
  expect(await programOf(Buffer.from(content), [513, 514, 520])).toStrictEqual(expected);
});
