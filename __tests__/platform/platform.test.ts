import { describe, expect, test } from '@jest/globals';
import {
  formatPlatform,
  knownPlatforms,
  nearest,
  normalisePlatform,
  parsePlatform,
  platformOfNode,
  samePlatform,
} from '../../src/platform/index.js';

describe('normalisePlatform', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/i386', 'linux/386'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/v8.0', 'linux/arm64'],
    ['linux/arm64/v8.2', 'linux/arm64/v8.2'],
    ['linux/arm64/9', 'linux/arm64/v9'],
    ['linux/arm64/v9.0', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/armhf/v6', 'linux/arm/v7'],
    ['linux/armel/v7', 'linux/arm/v6'],
    ['linux/i386/v1', 'linux/386'],
    ['linux/x86_64/v3', 'linux/amd64/v3'],
    ['linux/aarch64/v9', 'linux/arm64/v9'],
    ['linux/arm/5', 'linux/arm/v5'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/arm/8', 'linux/arm/v8'],
    ['linux/ppc64le/power9', 'linux/ppc64le/power9'],
    ['linux/riscv64/rva22u64', 'linux/riscv64/rva22u64'],
    ['macos/arm64', 'darwin/arm64'],
    ['Windows/AMD64', 'windows/amd64'],
    [' Linux/S390X ', 'linux/s390x'],
    ['arm64', 'linux/arm64'],
  ])('%s is %s', (written, canonical) => {
    expect(normalisePlatform(written)).toBe(canonical);
  });

  test.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux//v7',
    'linux/arm/',
    'linux/arm65',
    'linux/arm/v9',
    'linux/arm64/v8.0.2',
    'linux/arm64/v9v8',
    'linux/mips',
    'linux/amd64/v9',
    'linux/s390x/v1',
    'linux/arm/v7/x',
    'plan9/amd64',
    'unknown/unknown',
  ])('%j is no platform', (written) => {
    expect(parsePlatform(written)).toBeUndefined();
  });

  test('what was normalised stays as it is', () => {
    for (const platform of knownPlatforms) expect(normalisePlatform(platform)).toBe(platform);
  });
});

test('a platform is taken apart and put together', () => {
  expect(parsePlatform('linux/arm/7')).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' });
  expect(parsePlatform('linux/amd64')).toEqual({ os: 'linux', architecture: 'amd64' });
  expect(formatPlatform({ os: 'linux', architecture: 'arm', variant: 'v6' })).toBe('linux/arm/v6');
});

test.each([
  ['linux/arm64', 'linux/aarch64/v8', true],
  ['linux/arm/v7', 'linux/arm', true],
  ['linux/arm/v6', 'linux/arm', false],
  ['unknown/unknown', 'unknown/unknown', true],
  ['unknown/unknown', 'linux/amd64', false],
])('samePlatform(%s, %s) is %s', (a, b, same) => {
  expect(samePlatform(a, b)).toBe(same);
});

test.each([
  ['x64', 'linux/amd64'],
  ['arm64', 'linux/arm64'],
  ['arm', 'linux/arm/v7'],
  ['ppc64', 'linux/ppc64le'],
  // Images are built there all the same.
  ['mips', 'linux/amd64'],
])('a machine that node calls %s is %s', (node, platform) => {
  expect(platformOfNode(node)).toBe(platform);
});

describe('nearest', () => {
  test.each([
    ['linux/arm65', 'linux/arm64'],
    ['linx/amd64', 'linux/amd64'],
    ['linux/s309x', 'linux/s390x'],
    ['LINUX/ARM64', 'linux/arm64'],
    ['solaris', undefined],
    ['x'.repeat(1000), undefined],
  ])('%s is near %s', (written, near) => {
    expect(nearest(written)).toBe(near);
  });

  test.each([
    // One change is near, however short the name.
    ['tg', 'tag'],
    ['tga', 'tag'],
    ['atg', 'tag'],
    ['tok', undefined],
    ['txa', undefined],
    ['tgx', undefined],
    ['og', undefined],
    ['s', undefined],
    // One in three characters may differ.
    ['plaxforxs', 'platforms'],
    ['plaxxoxms', 'platforms'],
    ['plxxxoxms', undefined],
  ])('%s is near to %s, of tag, tags and platforms', (written, near) => {
    expect(nearest(written, ['tag', 'tags', 'platforms'])).toBe(near);
  });

  test('of two that are as near the first counts', () => {
    expect(nearest('tagx', ['tags', 'tagz'])).toBe('tags');
  });

  test('what is longer than 64 characters is near to nothing', () => {
    const near = (length: number) => nearest('x'.repeat(length), [`y${'x'.repeat(length - 1)}`]);
    expect([near(64)?.length, near(65)]).toEqual([64, undefined]);
  });

  test('it looks among the names that are given', () => {
    expect(nearest('platfroms', ['tags', 'platforms'])).toBe('platforms');
    expect(nearest('tsg', ['tags', 'tag'])).toBe('tag');
    expect(nearest('zzz', ['tags', 'platforms'])).toBeUndefined();
  });
});
