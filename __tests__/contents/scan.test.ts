import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { scanLimits } from '../../src/contents/index.js';
import { paxRecord, rawTar, seeded } from '../oci/raw-tar.js';
import { layerOf, scan } from './scanned.js';

const tar = rawTar([
  { path: './', type: '5', mode: 0o755 },
  { path: './etc/', type: '5', mode: 0o755 },
  { path: '/etc//x', content: 'text', mode: 0o640, uid: 7 },
  { path: 'etc/../bin/tool', content: '#!/bin/sh\n', mode: 0o4755 },
  { path: 'link', type: '2', link: '../x' },
  { path: 'hard', type: '1', link: './bin/tool' },
]);
const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
const plain = { uid: 0, gid: 0, size: 0 };
const entries = [
  { ...plain, path: '', kind: 'directory', mode: 0o755 },
  { ...plain, path: 'etc', kind: 'directory', mode: 0o755 },
  { ...plain, path: 'etc/x', kind: 'file', mode: 0o640, uid: 7, size: 4 },
  {
    ...plain,
    path: 'bin/tool',
    kind: 'file',
    mode: 0o4755,
    size: 10,
    program: { magic: 'script', script: '/bin/sh' },
  },
  { ...plain, path: 'link', kind: 'symlink', mode: 0o644, link: '../x' },
  { ...plain, path: 'hard', kind: 'hardlink', mode: 0o644, link: 'bin/tool' },
];

describe('a layer', () => {
  test.each<[string, 'none' | 'gzip' | 'zstd', Buffer]>([
    ['as it is', 'none', tar],
    ['in gzip', 'gzip', gzipSync(tar)],
    [
      'in gzip of several members',
      'gzip',
      Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    ],
    ['in zstd', 'zstd', zstdCompressSync(tar)],
    [
      'in zstd of several frames',
      'zstd',
      Buffer.concat([zstdCompressSync(tar.subarray(0, 700)), zstdCompressSync(tar.subarray(700))]),
    ],
  ])('%s, whatever the pieces', async (_, compression, stored) => {
    const expected = { compression, diffId, uncompressedSize: tar.length, entries, problems: [] };
    expect(await scan(stored)).toStrictEqual(expected);
    const random = seeded(stored.length);
    for (let round = 0; round < 20; round++) {
      expect(
        await scan(stored, [random(stored.length), random(stored.length), 1, 2]),
      ).toStrictEqual(expected);
    }
  });

  test('of many zstd frames, skippable ones among them, however cut', async () => {
    const random = seeded(3);
    const content = Buffer.from(Array.from({ length: 300_000 }, () => random(64)));
    const large = rawTar([
      { path: 'a', content },
      { path: 'b', content },
    ]);
    const skippable = Buffer.from('\x50\x2a\x4d\x18\x05\0\0\0hello', 'latin1');
    const frames: Buffer[] = [skippable];
    for (let at = 0; at < large.length; at += 70_000) {
      frames.push(zstdCompressSync(large.subarray(at, at + 70_000)), skippable);
    }
    const stored = Buffer.concat(frames);
    const expected = { compression: 'zstd', uncompressedSize: large.length, problems: [] };
    for (let round = 0; round < 20; round++) {
      const cuts = Array.from({ length: random(30) }, () => random(stored.length));
      const facts = await scan(stored, cuts);
      expect(facts).toMatchObject(expected);
      expect(facts.diffId).toBe(`sha256:${createHash('sha256').update(large).digest('hex')}`);
    }
  });

  test('of no bytes', async () => {
    expect(await scan(Buffer.alloc(0))).toMatchObject({
      uncompressedSize: 0,
      entries: [],
      problems: [],
    });
  });
});

describe('problems are values', () => {
  test.each<[string, Buffer, RegExp, boolean]>([
    [
      'gzip cut off',
      gzipSync(tar).subarray(0, 60),
      /^the gzip stream is damaged: unexpected end of file$/,
      false,
    ],
    [
      'gzip with other bytes',
      Buffer.concat([gzipSync(tar).subarray(0, 30), Buffer.alloc(99, 255)]),
      /^the gzip stream is damaged/,
      false,
    ],
    [
      'gzip and other bytes',
      Buffer.concat([gzipSync(tar), Buffer.alloc(3)]),
      /^the gzip stream is damaged: 3 other bytes follow$/,
      false,
    ],
    [
      'zstd and other bytes',
      Buffer.concat([zstdCompressSync(tar), Buffer.from('zzzzzz')]),
      /^the zstd stream is damaged: Unknown frame descriptor$/,
      false,
    ],
    ['zstd cut off', zstdCompressSync(tar).subarray(0, 60), /^the zstd stream is damaged/, false],
    ['a tar archive cut off', tar.subarray(0, 1200), /^the tar archive ends at byte 1200/, true],
    [
      'no tar archive',
      Buffer.alloc(2000, 'no tar '),
      /^the tar archive is damaged at byte 0/,
      true,
    ],
    [
      'an entry outside',
      rawTar([{ path: '../../etc/passwd', content: 'x' }]),
      /^the entry "..\/..\/etc\/passwd" lies outside the root$/,
      true,
    ],
    [
      'a hard link to the outside',
      rawTar([{ path: 'a', type: '1', link: '../x' }]),
      /^the hard link "a" leads outside the root$/,
      true,
    ],
    [
      'a type that no engine knows',
      rawTar([{ path: 'c', type: '7', content: 'x' }]),
      /^engines reject it, or treat it differently: "c" has the type "7"$/,
      true,
    ],
    [
      'a path that is too long',
      rawTar([{ path: 'l', type: 'L', content: 'a/'.repeat(3000) }, { path: 'x' }]),
      /lies outside the root/,
      true,
    ],
  ])('%s', async (_, bytes, problem, hashed) => {
    const facts = await scan(bytes);
    expect(facts.problems).toStrictEqual([expect.stringMatching(problem)]);
    expect(facts.diffId !== undefined).toBe(hashed);
  });

  test('what is listed before the damage stays', async () => {
    const { entries: found, diffId: hash } = await scan(
      Buffer.concat([tar.subarray(0, 2048), Buffer.alloc(600, 'x')]),
    );
    expect(found.map(({ path }) => path)).toStrictEqual(['', 'etc', 'etc/x']);
    expect(hash).toMatch(/^sha256:/);
  });

  test('more entries than the limit', async () => {
    const facts = await scan(tar, [], { ...scanLimits, entries: 2 });
    expect(facts.entries).toHaveLength(2);
    expect(facts.problems).toStrictEqual([expect.stringMatching(/more than 2 entries/)]);
    expect(facts.diffId).toBe(diffId);
  });

  test('a bomb is left before it goes off', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const facts = await scan(bomb, [1000], { ...scanLimits, inflatedMinimum: 1024 * 1024 });
    expect(facts.problems).toStrictEqual([
      expect.stringMatching(/unpacks to more than 200 times as many, and to more than 1048576$/),
    ]);
    expect(facts.diffId).toBeUndefined();
    expect(facts.uncompressedSize).toBeLessThan(64 * 1024 * 1024);
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('honest zeros in %s are no bomb, up to the limit', async (_, pack) => {
    const size = 8 * 1024 * 1024;
    const zeros = pack(rawTar([{ path: 'disk', content: Buffer.alloc(size - 1536) }]));
    const within = await scan(zeros, [], { ...scanLimits, inflatedMinimum: size });
    expect(within).toMatchObject({ uncompressedSize: size, problems: [] });
    const beyond = await scan(zeros, [], { ...scanLimits, inflatedMinimum: size - 1 });
    expect(beyond.problems).toHaveLength(1);
    expect(scanLimits.inflatedMinimum).toBeGreaterThan(3 * 1024 ** 3);
  });

  test('paths are taken up to 4096 characters', async () => {
    const named = (length: number) => {
      const content = paxRecord('path', 'a/'.repeat(2047).padEnd(length, 'b'));
      return scan(rawTar([{ path: 'x', type: 'x', content }, { path: 'f' }]));
    };
    expect((await named(4096)).entries.map(({ path }) => path.length)).toStrictEqual([4096]);
    expect((await named(4097)).problems).toStrictEqual([
      `the entry "${'a/'.repeat(100)}" lies outside the root`,
    ]);
  });

  test('configurations of git are looked into up to 64 KiB, and a thousand of them', async () => {
    const text = '[a]\n\ttoken = x\n';
    const sized = (size: number) => ({
      path: `${size}/.git/config`,
      content: text.padEnd(size, ' '),
    });
    const { entries: found } = await scan(rawTar([sized(64 * 1024), sized(64 * 1024 + 1)]));
    expect(found.map(({ credentials }) => credentials)).toStrictEqual([['a.token'], undefined]);
    const many = Array.from({ length: 1002 }, (_, at) => ({
      path: `${at}/.git/config`,
      content: text,
    }));
    const { entries: all } = await scan(rawTar(many));
    expect(all.filter(({ credentials }) => credentials !== undefined)).toHaveLength(1000);
  });

  test('holes of a sparse file are a part of it, up to the limit', async () => {
    const sparse = (size: number) =>
      rawTar([
        {
          path: 'x',
          type: 'x',
          content: [
            paxRecord('GNU.sparse.map', '0,9'),
            paxRecord('GNU.sparse.numblocks', '1'),
            paxRecord('GNU.sparse.name', 'bin/x'),
            paxRecord('GNU.sparse.size', String(size)),
          ].join(''),
        },
        { path: 'GNUSparseFile.0/x', content: '#!/bin/sh' },
      ]);
    const limits = { ...scanLimits, holes: 91 };
    const facts = await scan(sparse(100), [], limits);
    expect(facts.problems).toStrictEqual([]);
    expect(facts.entries).toMatchObject([
      { path: 'bin/x', size: 100, program: { script: '/bin/sh' } },
    ]);
    const content = Buffer.concat([
      Buffer.from('\x7fELF\x02\x01\x01', 'latin1'),
      Buffer.alloc(200_000),
    ]);
    const program = rawTar([
      {
        path: 'x',
        type: 'x',
        content: [
          paxRecord('GNU.sparse.map', '0,7'),
          paxRecord('GNU.sparse.numblocks', '1'),
          paxRecord('GNU.sparse.size', String(content.length)),
        ].join(''),
      },
      { path: 'program', content: content.subarray(0, 7) },
    ]);
    expect((await scan(program)).entries[0]?.program?.digest).toBe(
      `sha256:${createHash('sha256').update(content).digest('hex')}`,
    );
    const large = await scan(sparse(101), [], limits);
    expect(large.problems).toStrictEqual([expect.stringMatching(/more than 91 bytes of holes$/)]);
  });

  const marked = (name: string) => [
    { path: 'pax', type: 'x', content: paxRecord(`SCHILY.xattr.${name}`, 'y') },
    { path: 'd/', type: '5' },
  ];
  test.each([
    ['trusted.overlay.opaque', marked('trusted.overlay.opaque'), ['d']],
    ['trusted.overlay.redirect', marked('trusted.overlay.redirect'), ['d']],
    ['user.overlay.metacopy', marked('user.overlay.metacopy'), ['d']],
    ['trusted.overlay.overlay.whiteout', marked('trusted.overlay.overlay.whiteout'), ['d']],
    ['user.mime', marked('user.mime'), []],
    ['security.capability', marked('security.capability'), []],
    ['device 0/0', [{ path: 'd/x', type: '3' }], ['d/x']],
    ['device 1/3', [{ path: 'd/x', type: '3', patch: [[329, '0000001\x000000003\0']] }], []],
    ['block 0/0', [{ path: 'd/x', type: '4' }], []],
  ] as const)(
    'are the marks of overlayfs, by which engines show something else: %s',
    async (name, archive, paths) => {
      const { problems } = await scan(rawTar(archive));
      expect(problems).toStrictEqual(
        paths.map((path) =>
          expect.stringMatching(`^engines on overlayfs .*"${path}" has the .*${name}`),
        ),
      );
    },
  );

  test('are at most twenty', async () => {
    const many = Array.from({ length: 50 }, (_, number) => ({ path: `../${number}` }));
    expect((await layerOf(many)).problems).toHaveLength(20);
  });

  test('flipped bytes never throw', async () => {
    const random = seeded(9);
    for (const stored of [tar, gzipSync(tar), zstdCompressSync(tar)]) {
      for (let round = 0; round < 300; round++) {
        const damaged = Buffer.from(stored);
        for (let flips = random(4); flips >= 0; flips--)
          damaged[random(damaged.length)] = random(256);
        const facts = await scan(damaged, [random(damaged.length)]);
        expect(Array.isArray(facts.entries)).toBe(true);
        if (facts.diffId === undefined) expect(facts.problems).not.toStrictEqual([]);
      }
    }
  });
});

describe('the configuration of a git repository', () => {
  const token = 'ghs_0123456789abcdefghij';
  const text = `[remote "o"]\n\turl = https://x:${token}@github.com/a/b\n`;
  const credentialsIn = async (path: string, content: string, cuts: readonly number[] = []) => {
    const { entries } = await scan(rawTar([{ path, content }]), cuts);
    expect(JSON.stringify(entries)).not.toContain(token);
    return entries[0]?.credentials;
  };

  test.each<[string, string, readonly string[] | undefined]>([
    ['./src/.git/config', text, ['remote.o.url']],
    ['src/.git//x/../config', text, ['remote.o.url']],
    ['.git/config', '[core]\n', undefined],
    ['.git/config', `${text}#${'x'.repeat(64 * 1024)}`, undefined],
    ['etc/gitconfig', text, undefined],
  ])('%s', async (path, content, expected) => {
    expect(await credentialsIn(path, content)).toStrictEqual(expected);
  });

  test('that comes in pieces', async () => {
    const cuts = Array.from({ length: 50 }, (_, at) => 500 + at * 3);
    expect(await credentialsIn('.git/config', text, cuts)).toStrictEqual(['remote.o.url']);
  });
});
