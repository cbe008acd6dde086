import { expect, test } from '@jest/globals';
import { architectureOf, describeMachine, expectedMachine } from '../../src/contents/index.js';

test.each([
  ['linux/amd64', 'amd64', 62, 64, 'little'],
  ['linux/x86_64', 'amd64', 62, 64, 'little'],
  ['linux/386', '386', 3, 32, 'little'],
  ['linux/arm/v6', 'arm', 40, 32, 'little'],
  ['linux/arm64/v8', 'arm64', 183, 64, 'little'],
  ['linux/ppc64le', 'ppc64le', 21, 64, 'little'],
  ['linux/s390x', 's390x', 22, 64, 'big'],
  ['linux/riscv64', 'riscv64', 243, 64, 'little'],
  ['linux/mips64le', 'mips64le', 8, 64, 'little'],
  ['linux/loong64', 'loong64', 258, 64, 'little'],
])('programs of %s', (platform, architecture, machine, bits, data) => {
  const expected = expectedMachine(platform);
  expect(expected).toStrictEqual({ architecture, machine, class: bits, data });
  expect(expected && architectureOf(expected)).toBe(architecture);
});

test.each(['linux/nonsense', 'wasip1/wasm', ''])('no rule for "%s"', (platform) => {
  expect(expectedMachine(platform)).toBeUndefined();
});

test.each([
  [
    { machine: 62, class: 32, data: 'little' },
    'amd64p32',
    'e_machine 62 (x86-64, 32 bit, little endian)',
  ],
  [{ machine: 8, class: 32, data: 'big' }, 'mips', 'e_machine 8 (MIPS, 32 bit, big endian)'],
  [{ machine: 3, class: 32, data: 'little' }, '386', 'e_machine 3 (Intel 80386)'],
  [{ machine: 247, class: 64, data: 'little' }, 'e_machine 247', 'e_machine 247 (eBPF)'],
  [{ machine: 999, class: 64, data: 'big' }, 'e_machine 999', 'e_machine 999 (unknown)'],
] as const)('%j', (machine, architecture, words) => {
  expect(architectureOf(machine)).toBe(architecture);
  expect(describeMachine(machine)).toBe(words);
});
