import { describe, expect, test } from '@jest/globals';
import {
  architectureOfNode,
  architectureOfUname,
  architectures,
  handlerName,
  knownPlatforms,
  parsePlatform,
  unameOf,
} from '../../src/platform/index.js';

describe('the table of architectures', () => {
  test('has each name once, and each ELF machine once', () => {
    const names = architectures.map(({ name }) => name);
    const machines = architectures.flatMap(({ elf }) => (elf ? [JSON.stringify(elf)] : []));
    expect(names).toEqual([...new Set(names)]);
    expect(machines).toEqual([...new Set(machines)]);
  });

  test('knows how to recognise and to emulate what images are usually built for', () => {
    const rows = knownPlatforms.map((platform) =>
      architectures.find(({ name }) => name === parsePlatform(platform)?.architecture),
    );
    for (const row of rows) {
      expect(row).toMatchObject({ elf: {}, qemu: expect.any(String), words: expect.any(String) });
      expect(row?.uname).not.toHaveLength(0);
    }
  });

  test.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['armv7l', 'arm/v7'],
    ['armv6l', 'arm/v6'],
    ['i686', '386'],
    ['s390x', 's390x'],
    ['mips64', 'mips64'],
    ['vax', 'vax'],
  ])('a kernel that calls itself %s runs on %s', (uname, architecture) => {
    expect(architectureOfUname(uname)).toBe(architecture);
  });

  test('a 64-bit kernel answers 32-bit programs with its own name', () => {
    expect(unameOf('386')).toContain('x86_64');
    expect(unameOf('arm')).toContain('aarch64');
    expect(unameOf('arm64')).toStrictEqual(['aarch64']);
    expect(unameOf('wasm')).toStrictEqual([]);
    expect(unameOf('vax')).toStrictEqual([]);
  });

  test.each([
    ['x64', 'amd64'],
    ['ia32', '386'],
    ['ppc64', 'ppc64le'],
    ['arm64', 'arm64'],
    ['s390x', 's390x'],
  ])('node on %s runs on %s', (node, architecture) => {
    expect(architectureOfNode(node)).toBe(architecture);
  });

  test.each([
    ['amd64', 'qemu-x86_64'],
    ['386', 'qemu-i386'],
    ['arm64', 'qemu-aarch64'],
    ['mips64le', 'qemu-mips64el'],
    ['loong64', 'qemu-loongarch64'],
    ['sparc64', 'qemu-sparc64'],
    ['vax', 'qemu-vax'],
  ])('the handler of %s is %s', (architecture, handler) => {
    expect(handlerName(architecture)).toBe(handler);
  });
});
