import { expect, test } from '@jest/globals';
import { withEmulation } from '../../src/pipeline/program-emulation.js';

test.each<[string, string | undefined, string, boolean, string, boolean | undefined]>([
  ['of the platform, emulated', 'arm64', 'linux/arm64', true, 'linux/amd64', true],
  ['of the engine’s machine', 'amd64', 'linux/arm64', true, 'linux/amd64', false],
  ['of a platform that the machine runs', '386', 'linux/386', false, 'linux/amd64', false],
  ['of such a platform where an emulator does', 'arm', 'linux/arm/v7', true, 'linux/arm64', true],
  ['native', 'amd64', 'linux/amd64', false, 'linux/amd64', false],
  ['of a third architecture', 's390x', 'linux/arm64', true, 'linux/amd64', undefined],
  ['of 386 in an image for amd64', '386', 'linux/amd64', false, 'linux/amd64', undefined],
  ['unknown', undefined, 'linux/arm64', true, 'linux/amd64', undefined],
])('whether a program is emulated: %s', (_, architecture, platform, emulated, own, expected) => {
  const program = { path: '/app', ...(architecture === undefined ? {} : { architecture }) };
  const machine = { platform, emulated, enginePlatform: own };
  expect(withEmulation(program, machine)?.emulated).toBe(expected);
});

test('nothing is known of a test without a program', () => {
  const machine = { platform: 'linux/arm64', emulated: true, enginePlatform: 'linux/amd64' };
  expect(withEmulation(undefined, machine)).toBeUndefined();
});
