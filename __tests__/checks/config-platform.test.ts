import { expect, test } from '@jest/globals';
import { configPlatform } from '../../src/checks/config-platform.js';
import { inspected } from './inspected.js';

test.each([
  ['linux/arm64', { architecture: 'arm64' }],
  ['linux/arm64', { architecture: 'arm64', variant: 'v8' }],
  ['linux/amd64', { architecture: 'amd64' }],
  ['linux/arm/v7', { architecture: 'arm', variant: 'v7' }],
  ['linux/arm/v7', { architecture: 'arm' }],
])('%s is what the configuration says', (platform, config) => {
  expect(configPlatform(inspected([], config, { platform }))).toEqual([]);
});

test.each([
  ['linux/arm64', { architecture: 'amd64' }, 'linux/amd64'],
  ['linux/arm/v6', { architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
  ['linux/amd64', { os: 'windows', architecture: 'amd64' }, 'windows/amd64'],
  ['linux/amd64', { os: '', architecture: '' }, '/'],
])('%s is not what the configuration says', (platform, config, written) => {
  expect(configPlatform(inspected([], config, { platform }))).toEqual([
    {
      code: 'config-platform',
      severity: 'error',
      subject: { image: 'greeter', platform },
      message: `The image's configuration names ${written}; the image was built for ${platform}.`,
      found: { value: written, from: 'os, architecture and variant of the configuration' },
      expected: { value: platform, from: 'the requested platform' },
      remedy: 'Look for a FROM with a fixed --platform in the last stage.',
    },
  ]);
});
