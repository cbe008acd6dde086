import { expect, test } from '@jest/globals';
import { keptNames } from '../../src/test/kept.js';
import { plannedImage } from '../plans.js';

const targets = [
  { repository: 'ghcr.io/acme/greeter', tags: ['1.2', 'latest'] },
  { repository: 'quay.io/acme/greeter', tags: ['1.2'] },
];

test.each<[string, readonly string[], string, boolean, string]>([
  ['the only platform', ['linux/arm64'], 'linux/arm64', false, ''],
  ["the engine's own of several", ['linux/amd64', 'linux/arm64'], 'linux/amd64', true, ''],
  ['another of several', ['linux/amd64', 'linux/arm/v7'], 'linux/arm/v7', false, '-linux-arm-v7'],
])(
  'an image stays in the engine under each of its tags: %s',
  (_, platforms, platform, own, suffix) => {
    expect(keptNames(plannedImage({ targets, platforms }), platform, own)).toEqual([
      `ghcr.io/acme/greeter:1.2${suffix}`,
      `ghcr.io/acme/greeter:latest${suffix}`,
      `quay.io/acme/greeter:1.2${suffix}`,
    ]);
  },
);

test('an image without targets has no name to stay under', () => {
  expect(keptNames(plannedImage({ targets: [] }), 'linux/amd64', true)).toEqual([]);
});
