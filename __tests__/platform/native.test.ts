import { expect, test } from '@jest/globals';
import { architectureOf, isNative } from '../../src/platform/index.js';

test.each([
  ['linux/amd64', 'linux/amd64', true],
  ['linux/amd64/v3', 'linux/amd64', true],
  ['linux/386', 'linux/amd64', true],
  ['linux/amd64', 'linux/386', false],
  ['linux/arm/v7', 'linux/arm64', true],
  ['linux/arm64', 'linux/arm/v7', false],
  ['linux/386', 'linux/arm64', false],
  ['linux/arm/v7', 'linux/amd64', false],
  ['linux/arm/v6', 'linux/arm/v7', true],
  ['linux/s390x', 'linux/amd64', false],
])('%s is native on %s: %s', (platform, own, expected) => {
  expect(isNative(platform, own)).toBe(expected);
});

test.each([
  ['linux/arm/v7', 'arm'],
  ['linux/x86_64', 'amd64'],
  ['something', 'something'],
])('the architecture of %s is %s', (platform, architecture) => {
  expect(architectureOf(platform)).toBe(architecture);
});
