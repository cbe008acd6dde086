import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTarReader, OciError, type TarHeader, writeTar } from '../../src/oci/index.js';
import { cutAt, END, paxRecord, rawEntry, rawTar, seeded } from './raw-tar.js';

interface ReadEntry extends Omit<TarHeader, 'offset' | 'type'> {
  readonly content: string;
}

function readTar(pieces: readonly Buffer[], limit?: number): readonly ReadEntry[] {
  const entries: ReadEntry[] = [];
  let current: TarHeader | undefined;
  let content: Buffer[] = [];
  const reader = createTarReader(
    {
      entry(header) {
        current = header;
        content = [];
      },
      data: (piece) => content.push(Buffer.from(piece)),
      end() {
        const { offset: _, type: __, ...header } = current as TarHeader;
        entries.push({ ...header, content: Buffer.concat(content).toString('latin1') });
      },
    },
    limit,
  );
  for (const piece of pieces) reader.write(piece);
  reader.end();
  return entries;
}

function failure(bytes: Buffer, limit?: number): OciError {
  try {
    readTar([bytes], limit);
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
  throw new Error('the archive was read without an error');
}

const file = { kind: 'file', mode: 0o644, uid: 0, gid: 0 } as const;

describe('what is read', () => {
  const long = `${'d/'.repeat(60)}name`;
  test.each<[string, Buffer, readonly Partial<ReadEntry>[]]>([
    ['nothing', END, []],
    [
      'an archive without its last blocks',
      rawEntry({ path: 'a', content: 'x' }),
      [{ path: 'a', content: 'x' }],
    ],
    ['an empty file', rawTar([{ path: 'a' }]), [{ ...file, path: 'a', size: 0, content: '' }]],
    [
      'each kind',
      rawTar([
        { path: 'd/', type: '5', mode: 0o755 },
        { path: 's', type: '2', link: '../x' },
        { path: 'h', type: '1', link: 'd/f' },
        { path: 'c', type: '3' },
        { path: 'b', type: '4' },
        { path: 'p', type: '6' },
        { path: 'contiguous', type: '7', content: 'x' },
        { path: 'v', type: 'V' },
      ]),
      [
        { path: 'd/', kind: 'directory', mode: 0o755 },
        { path: 's', kind: 'symlink', link: '../x' },
        { path: 'h', kind: 'hardlink', link: 'd/f' },
        { path: 'c', kind: 'character' },
        { path: 'b', kind: 'block' },
        { path: 'p', kind: 'fifo' },
        { path: 'contiguous', kind: 'other', content: 'x' },
        { path: 'v', kind: 'other' },
      ],
    ],
    [
      'a directory of before ustar',
      rawTar([{ path: 'd/', type: '\0' }]),
      [{ path: 'd/', kind: 'directory' }],
    ],
    [
      "ustar's prefix",
      rawTar([{ path: 'name', patch: [[345, 'some/prefix']] }]),
      [{ path: 'some/prefix/name' }],
    ],
    [
      "no prefix where the magic is GNU's",
      rawTar([
        {
          path: 'name',
          patch: [
            [257, 'ustar  \0'],
            [345, '00000000001\x0000000000002\0'],
          ],
        },
      ]),
      [{ path: 'name' }],
    ],
    [
      "a prefix there all the same where Go 1.7 wrote GNU's magic",
      rawTar([
        {
          path: 'config',
          patch: [
            [257, 'ustar  \0'],
            [345, 'app/.git'],
          ],
        },
      ]),
      [{ path: 'app/.git/config' }],
    ],
    [
      'a prefix of an ustar of whatever version',
      rawTar([
        {
          path: 'config',
          patch: [
            [263, '\0\0'],
            [345, 'app/.git'],
          ],
        },
      ]),
      [{ path: 'app/.git/config' }],
    ],
    [
      "an empty long name of GNU's, which says nothing",
      rawTar([
        { path: '././@LongLink', type: 'L', content: '\0' },
        { path: 'app/.git/config', content: 'x' },
      ]),
      [{ path: 'app/.git/config' }],
    ],
    [
      "GNU's long name and long link",
      rawTar([
        { path: '././@LongLink', type: 'L', content: `${long}\0` },
        { path: '././@LongLink', type: 'K', content: `${long}2\0` },
        { path: 'cut', type: '2', link: 'cut' },
        { path: 'next', content: 'n' },
      ]),
      [
        { path: long, kind: 'symlink', link: `${long}2` },
        { path: 'next', content: 'n' },
      ],
    ],
    [
      'PAX records, for the next entry only',
      rawTar([
        { path: 'g', type: 'g', content: paxRecord('comment', 'a commit') },
        {
          path: 'x',
          type: 'x',
          content:
            paxRecord('path', 'ä/long') + paxRecord('uid', '5000000') + paxRecord('mtime', '1.5'),
        },
        { path: 'short', content: 'one' },
        { path: 'second', content: 'two' },
      ]),
      [
        { path: 'ä/long', uid: 5_000_000, content: 'one' },
        { path: 'second', uid: 0, content: 'two' },
      ],
    ],
    [
      "a PAX size in place of the header's",
      Buffer.concat([
        rawEntry({ path: 'x', type: 'x', content: paxRecord('size', '3') }),
        rawEntry({ path: 'f', content: 'abc', patch: [[124, '00000000000']] }),
        rawEntry({ path: 'g', content: 'd' }),
        END,
      ]),
      [
        { path: 'f', size: 3, content: 'abc' },
        { path: 'g', size: 1, content: 'd' },
      ],
    ],
    [
      'a size in base 256',
      rawTar([{ path: 'f', content: 'abcd', patch: [[124, '\x80\0\0\0\0\0\0\0\0\0\0\x04']] }]),
      [{ path: 'f', size: 4, content: 'abcd' }],
    ],
    [
      'a directory with a size, which has no bytes',
      rawTar([
        { path: 'd', type: '5', patch: [[124, '00000001000']] },
        { path: 'f', content: 'x' },
      ]),
      [
        { path: 'd', size: 0 },
        { path: 'f', content: 'x' },
      ],
    ],
    ['nothing behind the end', Buffer.concat([END, Buffer.from('junk')]), []],
  ])('%s', (_, bytes, expected) => {
    expect(readTar([bytes])).toStrictEqual(expected.map((entry) => expect.objectContaining(entry)));
  });
});

describe('a file with holes', () => {
  const sparse = (records: Readonly<Record<string, string>>, content: string) =>
    rawTar([
      {
        path: 'x',
        type: 'x',
        content: Object.entries(records)
          .map(([key, value]) => paxRecord(`GNU.sparse.${key}`, value))
          .join(''),
      },
      { path: 'GNUSparseFile.0/f', content },
    ]);
  const known = { major: '0', minor: '1', name: 'holes', numblocks: '2', map: '2,1,4,1' };

  test('is read where nothing is done with the holes', () => {
    const [read] = readTar([sparse({ ...known, size: '6' }, 'ab')]);
    expect(read).toMatchObject({ path: 'holes', size: 6, content: 'ab' });
  });

  test('has the size that is stored where no other is given', () => {
    const [read] = readTar([sparse({ ...known, map: '0,1,1,1' }, 'ab')]);
    expect(read).toMatchObject({ path: 'holes', size: 2, content: 'ab' });
  });

  test('is refused where the numbers of its map are none', () => {
    // The old form has its map in the header: offset, length.
    const patch = [
      [257, 'ustar  \0'],
      [386, '0000000000x'],
      [483, '00000000001'],
    ] as const;
    const error = failure(rawTar([{ path: 'f', type: 'S', patch: [...patch] }]));
    expect([error.code, error.message]).toStrictEqual([
      'malformed',
      expect.stringContaining("sparse file's map"),
    ]);
  });
});

describe('a file with holes is refused', () => {
  const records = (written: Readonly<Record<string, string>>) =>
    Object.entries(written)
      .map(([key, value]) => paxRecord(`GNU.sparse.${key}`, value))
      .join('');
  const archive = (content: string, inside: string | Buffer = 'ab', type = '0') =>
    rawTar([
      { path: 'x', type: 'x', content },
      { path: 'f', type, content: inside },
    ]);
  const DAMAGED = "the map of the sparse file's pieces is damaged";
  const known = { major: '0', minor: '1', numblocks: '2' };
  const lines = (...numbers: readonly (number | string)[]) =>
    `${numbers.join('\n')}\n`.padEnd(512, '\0');
  const newest = { major: '1', minor: '0', size: '6' };

  test.each<[string, Buffer, number, string]>([
    [
      'its pieces overlap',
      archive(records({ ...known, size: '6', map: '0,2,1,1' })),
      1024,
      DAMAGED,
    ],
    [
      'they go beyond its end',
      archive(records({ ...known, size: '2', map: '0,1,2,1' })),
      1024,
      DAMAGED,
    ],
    [
      'a piece has less than nothing',
      archive(records({ ...known, size: '6', map: '0,3,4,-1' })),
      1024,
      DAMAGED,
    ],
    [
      'they are more than is stored',
      archive(records({ ...known, size: '6', map: '0,2,2,2' })),
      1024,
      DAMAGED,
    ],
    [
      'they are less than is stored',
      archive(records({ ...known, size: '6', map: '0,1,2,0' })),
      1024,
      DAMAGED,
    ],
    [
      'there are more than it says',
      archive(records({ ...known, size: '6', map: '0,1,1,1,2,0' })),
      1024,
      DAMAGED,
    ],
    [
      'it does not say how many there are',
      archive(records({ major: '0', minor: '1', map: '0,1,1,1' })),
      1024,
      DAMAGED,
    ],
    [
      'it says none, and some are stored',
      archive(records({ major: '0', minor: '1', numblocks: '0' })),
      1024,
      DAMAGED,
    ],
    [
      'its size is no number',
      archive(records({ ...known, size: 'x', map: '0,1,1,1' })),
      1024,
      DAMAGED,
    ],
    [
      'its size is less than nothing',
      archive(records({ ...known, numblocks: '1', size: '-1', map: '-1,0' }), ''),
      1024,
      DAMAGED,
    ],
    [
      'it is a link',
      archive(records({ ...known, size: '6', map: '0,1,1,1' }), '', '2'),
      1024,
      'the sparse entry is not a file',
    ],
    [
      'the map in front of its content is cut off',
      archive(records(newest), 'ab'),
      1536,
      "the map of the sparse file's pieces is cut off",
    ],
    ['that map begins with no number', archive(records(newest), `${lines('x')}ab`), 1536, DAMAGED],
    ['that map has fewer than nothing', archive(records(newest), `${lines(-1)}ab`), 1536, DAMAGED],
    [
      'that map has no end',
      archive(records(newest), Buffer.alloc(1024 * 1024 + 1024, '1')),
      1536 + 1024 * 1024,
      "the map of the sparse file's pieces is too long",
    ],
    [
      'the map behind its header has no end',
      Buffer.concat([
        rawEntry({
          path: 'f',
          type: 'S',
          patch: [
            [257, 'ustar  \0'],
            [482, '\x01'],
          ],
        }),
        ...Array(2048).fill(Buffer.concat([Buffer.alloc(504), Buffer.from([1]), Buffer.alloc(7)])),
      ]),
      512 * 2048,
      "the map of the sparse file's pieces is too long",
    ],
    [
      'the lists of a map are out of order',
      archive(paxRecord('GNU.sparse.numbytes', '1')),
      0,
      'the extended header\'s "GNU.sparse.numbytes" is out of place',
    ],
    [
      'two pieces have no length between them',
      archive(paxRecord('GNU.sparse.offset', '1').repeat(2)),
      0,
      'the extended header\'s "GNU.sparse.offset" is out of place',
    ],
    [
      'a piece is two',
      archive(paxRecord('GNU.sparse.offset', '1,1')),
      0,
      'the extended header\'s "GNU.sparse.offset" is out of place',
    ],
  ])('where %s', (_, bytes, offset, message) => {
    const error = failure(bytes);
    expect([error.offset, error.message]).toStrictEqual([
      offset,
      `the tar archive is damaged at byte ${offset}: ${message}`,
    ]);
  });

  test.each<[string, Buffer, Partial<ReadEntry>]>([
    [
      'with its map in front of its content',
      archive(records({ ...newest, name: 'holes' }), `${lines(2, 1, 1, 4, 1)}ab`),
      { path: 'holes', size: 6, content: 'ab' },
    ],
    [
      'with its map as a list of records',
      archive(
        records({ size: '6', numblocks: '2' }) +
          ['1', '4'].map((at) => records({ offset: at, numbytes: '1' })).join(''),
      ),
      { path: 'f', size: 6, content: 'ab' },
    ],
    [
      'whose size is called otherwise',
      archive(records({ ...known, realsize: '7', map: '0,1,1,1' })),
      { path: 'f', size: 7, content: 'ab' },
    ],
    [
      'of a version that is not known, as what is stored',
      archive(records({ major: '2', minor: '0', size: '6', map: '0,1,1,1' })),
      { path: 'f', size: 2, content: 'ab' },
    ],
  ])('but read %s', (_, bytes, expected) => {
    expect(readTar([bytes])).toStrictEqual([{ ...file, ...expected }]);
  });

  test('and its holes are told where they are', () => {
    const told: string[] = [];
    const reader = createTarReader({
      entry: ({ size }) => told.push(`entry ${size}`),
      data: (piece) => told.push(`data ${piece}`),
      hole: (bytes) => told.push(`hole ${bytes}`),
      end: () => told.push('end'),
    });
    const map = { ...known, numblocks: '3', size: '9', map: '1,1,4,0,5,1' };
    reader.write(archive(records(map)));
    reader.end();
    expect(told).toStrictEqual([
      'entry 9',
      'hole 1',
      'data a',
      'hole 3',
      'data b',
      'hole 3',
      'end',
    ]);
  });
});

describe('overlayfs takes for its own', () => {
  const marked = (name: string) =>
    readTar([
      rawTar([
        { path: 'x', type: 'x', content: paxRecord(`SCHILY.xattr.${name}`, 'y') },
        { path: 'f' },
      ]),
    ]).map(({ mark }) => mark);

  test.each([
    ...['trusted.overlay.opaque', 'user.overlay.opaque', 'trusted.overlay.redirect'],
    ...['trusted.overlay.metacopy', 'trusted.overlay.whiteout', 'user.overlay.whiteouts'],
    ...['user.overlay.xwhiteout', 'trusted.overlay.overlay.opaque'],
  ])('the attribute %s', (name) => {
    expect(marked(name)).toStrictEqual([`the attribute "${name}"`]);
  });

  test.each([
    ...['trusted.overlay.origin', 'trusted.opaque', 'security.overlay.opaque'],
    ...['trusted.overlay.opaque2', 'a.trusted.overlay.opaque', 'trusted.overlay.ywhiteout'],
  ])('not the attribute %s', (name) => {
    expect(marked(name)).toStrictEqual([undefined]);
  });

  test('not such a name alone, nor a device of another number', () => {
    const record = paxRecord('trusted.overlay.opaque', 'y');
    const device = (major: string, minor: string, magic = 'ustar\x0000') => ({
      path: 'c',
      type: '3',
      patch: [
        [257, magic],
        [329, major],
        [337, minor],
      ] as const,
    });
    const marks = readTar([
      rawTar([
        { path: 'x', type: 'x', content: record },
        { path: 'f' },
        device('0000000', '0000000'),
        device('0000001', '0000000'),
        device('0000000', '0000001'),
        device('0000001', '0000001', '\0\0\0\0\0\0\0\0'),
      ]),
    ]).map(({ mark }) => mark);
    expect(marks).toStrictEqual([
      undefined,
      'the device 0/0',
      undefined,
      undefined,
      'the device 0/0',
    ]);
  });
});

test('a checksum of signed bytes is right, as some old programs wrote it', () => {
  const entry = rawEntry({ path: 'ä', content: 'x' });
  const sum = Number.parseInt(entry.toString('latin1', 148, 154), 8) - 2 * 256;
  entry.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  expect(readTar([entry])).toMatchObject([{ path: 'ä', content: 'x' }]);
});

describe('a number that is none is named', () => {
  test.each([
    [100, 'mode'],
    [108, 'user id'],
    [116, 'group id'],
    [124, 'size'],
    [136, 'time'],
    [329, 'number of the device'],
    [337, 'number of the device'],
  ])('in a header, at byte %i: the %s', (at, what) => {
    expect(failure(rawTar([{ path: 'f', patch: [[at, '000000x']] }])).message).toBe(
      `the tar archive is damaged at byte 0: the ${what} is not a number`,
    );
  });

  test.each([
    [476, 'time'],
    [488, 'time'],
  ])("in a header of star's, at byte %i", (at, what) => {
    const star = [508, 'tar\0'] as const;
    expect(failure(rawTar([{ path: 'f', patch: [star, [at, '000000x']] }])).message).toBe(
      `the tar archive is damaged at byte 0: the ${what} is not a number`,
    );
    expect(readTar([rawTar([{ path: 'f', patch: [star] }])])).toHaveLength(1);
  });

  test.each(['size', 'uid', 'gid', 'atime', 'mtime', 'ctime'])('in a record: %s', (key) => {
    const record = (value: string) =>
      rawTar([{ path: 'x', type: 'x', content: paxRecord(key, value) }, { path: 'f' }]);
    const message = `the tar archive is damaged at byte 1024: the extended header's "${key}" is not a number`;
    for (const value of ['x', '1x', 'x1', '1.2.3', '99999999999999999999']) {
      expect(failure(record(value)).message).toBe(message);
    }
    expect(readTar([record('')])).toHaveLength(1);
    expect(readTar([record('0')])).toHaveLength(1);
  });

  test('but a time may have a fraction, and a sign', () => {
    for (const value of ['1.', '1.5', '-1.25', '+1', '0001']) {
      const record = paxRecord('mtime', value);
      expect(
        readTar([rawTar([{ path: 'x', type: 'x', content: record }, { path: 'f' }])]),
      ).toHaveLength(1);
    }
  });
});

test('an error says what it met', () => {
  const message = (bytes: Buffer, limit?: number) => failure(bytes, limit).message;
  const one = rawEntry({ path: 'f', content: 'x' });
  expect(message(rawTar([{ path: 'a' }, { path: 'b' }]), 1)).toBe(
    'the tar archive is damaged at byte 512: there are more than 1 entries',
  );
  expect(message(rawTar([{ path: 'l', type: 'L', content: Buffer.alloc(1024 * 1024 + 1) }]))).toBe(
    'the tar archive is damaged at byte 0: a meta entry has 1048577 bytes, more than 1 MiB',
  );
  expect(message(one.subarray(0, 512))).toBe(
    'the tar archive ends at byte 512: 1 bytes are missing',
  );
  expect(message(one.subarray(0, 100))).toBe(
    'the tar archive ends at byte 100: a header is cut off',
  );
  expect(message(rawEntry({ path: 'x', type: 'x', content: 'y' }).subarray(0, 512))).toBe(
    'the tar archive ends at byte 512: 1 bytes are missing',
  );
  const zeros = Buffer.alloc(512);
  expect(message(Buffer.concat([one, zeros, one]))).toBe(
    'the tar archive is damaged at byte 1536: an entry follows a single zero block',
  );
  expect(failure(Buffer.concat([zeros.fill('z', 0, 1), zeros])).code).toBe('malformed');
  expect(message(Buffer.concat([zeros, zeros]))).toBe(
    "the tar archive is damaged at byte 0: the header's checksum is 0, its bytes sum to 378",
  );
});

test('an archive may end in its last padding, and a long name may have 1 MiB', () => {
  const one = rawEntry({ path: 'f', content: 'x' });
  expect(readTar([one.subarray(0, 513)])).toMatchObject([{ path: 'f', content: 'x' }]);
  const name = 'x'.repeat(1024 * 1024);
  const [read] = readTar([rawTar([{ path: 'l', type: 'L', content: name }, { path: 'f' }])]);
  expect(read?.path).toBe(name);
});

test('what stood before a global header is not about the next entry', () => {
  const [read] = readTar([
    rawTar([
      { path: 'l', type: 'L', content: 'long\0' },
      { path: 'g', type: 'g', content: paxRecord('uid', '7') },
      { path: 'f' },
    ]),
  ]);
  expect(read).toStrictEqual({ ...file, path: 'f', size: 0, content: '' });
});

test('what overlayfs takes for its own is marked', () => {
  const marks = (bytes: Buffer) => readTar([bytes]).map(({ mark }) => mark);
  const attribute = (name: string) =>
    rawTar([
      { path: 'x', type: 'x', content: paxRecord(`SCHILY.xattr.${name}`, 'y') },
      { path: 'f' },
    ]);
  expect(marks(attribute('trusted.overlay.opaque'))).toStrictEqual([
    'the attribute "trusted.overlay.opaque"',
  ]);
  expect(marks(attribute('user.mine'))).toStrictEqual([undefined]);
  expect(
    marks(rawTar([{ path: 'c', type: '3' }, { path: 'b', type: '4' }, { path: 'f' }])),
  ).toStrictEqual(['the device 0/0', undefined, undefined]);
});

describe('what is refused, and where', () => {
  const good = rawEntry({ path: 'ok', content: 'x' });
  test.each<[string, Buffer, string, number, RegExp]>([
    [
      'a wrong checksum',
      Buffer.concat([good, Buffer.alloc(512, 'z')]),
      'malformed',
      1024,
      /checksum/,
    ],
    [
      'a negative size',
      rawTar([{ path: 'f', patch: [[124, '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff']] }]),
      'malformed',
      0,
      /size is negative/,
    ],
    [
      'an unsafe size',
      rawTar([{ path: 'f', patch: [[124, '\x80\0\0\0\x7f\0\0\0\0\0\0\0']] }]),
      'malformed',
      0,
      /size is too large/,
    ],
    [
      'a size that is no number',
      rawTar([{ path: 'f', patch: [[124, '0000000009x']] }]),
      'malformed',
      0,
      /size is not a number/,
    ],
    [
      'a sparse file that is not of GNU',
      rawTar([{ path: 'f', type: 'S' }]),
      'malformed',
      0,
      /sparse/,
    ],
    [
      'a PAX record that is too long',
      rawTar([{ path: 'x', type: 'x', content: '99 path=a\n' }]),
      'malformed',
      0,
      /extended header is damaged/,
    ],
    [
      'a PAX record without a key',
      rawTar([{ path: 'x', type: 'x', content: '7 pathx\n' }]),
      'malformed',
      0,
      /extended header is damaged/,
    ],
    [
      'a PAX path with a NUL',
      rawTar([{ path: 'x', type: 'x', content: paxRecord('path', 'a\0b') }]),
      'malformed',
      0,
      /extended header is damaged/,
    ],
    [
      'a negative PAX size',
      rawTar([{ path: 'x', type: 'x', content: paxRecord('size', '-1') }, { path: 'f' }]),
      'malformed',
      1024,
      /size is negative/,
    ],
    [
      'an unsafe PAX size',
      rawTar([
        { path: 'x', type: 'x', content: paxRecord('size', '9007199254740993') },
        { path: 'f' },
      ]),
      'malformed',
      1024,
      /size is too large/,
    ],
    [
      'a long name of more than 1 MiB',
      rawTar([{ path: 'l', type: 'L', content: Buffer.alloc(1024 * 1024 + 1, 97) }]),
      'too-large',
      0,
      /1 MiB/,
    ],
    [
      'an entry after a single zero block',
      Buffer.concat([good, Buffer.alloc(512), good]),
      'malformed',
      1536,
      /zero block/,
    ],
    [
      'a cut header',
      Buffer.concat([good, good.subarray(0, 100)]),
      'truncated',
      1124,
      /ends at byte 1124: a header is cut off/,
    ],
    ['a cut content', good.subarray(0, 512), 'truncated', 512, /1 bytes are missing/],
  ])('%s', (_, bytes, code, offset, message) => {
    const error = failure(bytes);
    expect({ code: error.code, offset: error.offset }).toStrictEqual({ code, offset });
    expect(error.message).toMatch(message);
  });

  test('more entries than the limit, their extended headers aside', () => {
    const comment = { path: 'x', type: 'x', content: paxRecord('comment', 'y') };
    const two = [comment, { path: 'a' }, comment, { path: 'b' }];
    expect(readTar([rawTar(two)], 2)).toHaveLength(2);
    const error = failure(rawTar([...two, { path: 'c' }]), 2);
    expect([error.code, error.offset]).toStrictEqual(['too-large', 3072]);
  });
});

describe('any bytes', () => {
  const bytes = rawTar([
    { path: 'x', type: 'x', content: paxRecord('path', 'long') },
    { path: 'f', content: 'a'.repeat(700) },
    { path: 'n', type: 'L', content: 'other\0' },
    { path: 'd', type: '5' },
    { path: 's', type: '2', link: 'f' },
  ]);
  const outcome = (pieces: readonly Buffer[]) => {
    try {
      return readTar(pieces);
    } catch (error) {
      if (!(error instanceof OciError) || error.offset === undefined) throw error;
      return [error.code, error.message, error.offset];
    }
  };

  test('cut anywhere end in what is there or in a typed error', () => {
    const whole = readTar([bytes]);
    for (let end = 0; end < bytes.length; end++) {
      const found = outcome([bytes.subarray(0, end)]);
      const begins = JSON.stringify(found) === JSON.stringify(whole.slice(0, found.length));
      expect(begins || found[0] === 'truncated').toBe(true);
    }
  });

  test('flipped anywhere give the same whatever the pieces', () => {
    const random = seeded(7);
    for (let round = 0; round < 2000; round++) {
      const damaged = Buffer.from(bytes);
      for (let flips = random(4); flips >= 0; flips--) {
        const at = random(damaged.length);
        damaged[at] = random(256);
      }
      const cuts = [random(damaged.length), random(damaged.length), random(damaged.length)];
      expect(outcome(cutAt(damaged, cuts))).toStrictEqual(outcome([damaged]));
    }
  });
});

test('what the writer writes is read, wherever the stream is cut', async () => {
  const name = fc
    .stringMatching(/^[a-zA-Z0-9äß_ -]{1,30}(\/[a-zA-Z0-9._-]{1,60}){0,4}$/)
    .filter((path) => !path.endsWith('/'));
  const entry = fc.record({ name, content: fc.uint8Array({ maxLength: 1500 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 6 }),
      fc.array(fc.nat()),
      async (entries, cuts) => {
        const written = writeTar(
          entries.map(({ name: path, content }) => ({
            name: path,
            size: content.length,
            content: Buffer.from(content),
          })),
        );
        const bytes = Buffer.concat(await written.toArray());
        expect(readTar(cutAt(bytes, cuts))).toStrictEqual(
          entries.map(({ name: path, content }) => ({
            ...file,
            path,
            size: content.length,
            content: Buffer.from(content).toString('latin1'),
          })),
        );
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});

describe("the system's tar", () => {
  let folder = '';
  const deep = `${'directory-with-a-long-name/'.repeat(6)}file-with-a-long-name`;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sea-trial-tar-'));
    mkdirSync(join(folder, 'in', deep, '..'), { recursive: true });
    writeFileSync(join(folder, 'in', deep), 'deep');
    writeFileSync(join(folder, 'in/plain'), 'p'.repeat(5000), { mode: 0o755 });
    symlinkSync('plain', join(folder, 'in/link'));
    linkSync(join(folder, 'in/plain'), join(folder, 'in/same'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['gnu', 'posix', 'ustar'])('in %s format is read', (format) => {
    const args = ['--sort=name', `--format=${format}`, '-C', join(folder, 'in'), '-cf', '-', '.'];
    const entries = readTar([execFileSync('tar', args)]);
    const brief = entries.map(({ path, kind, link, size }) => [path, kind, link, size]);
    expect(brief).toStrictEqual(
      expect.arrayContaining([
        [`./${deep}`, 'file', undefined, 4],
        ['./link', 'symlink', 'plain', 0],
        ['./plain', 'file', undefined, 5000],
        ['./same', 'hardlink', './plain', 0],
      ]),
    );
    expect(entries.find(({ path }) => path === './plain')).toMatchObject({
      mode: 0o755,
      content: 'p'.repeat(5000),
    });
  });
});
