import { describe, expect, test } from '@jest/globals';
import { type BuildCache, cacheVolume, isCacheVolume } from '../../src/engine/index.js';

const cache: BuildCache = {
  owner: 'https://github.com/acme/webapp',
  image: 'webapp',
  platform: 'linux/arm64',
  untrusted: false,
};

describe('the volume of a cache', () => {
  test('is the same from run to run', () => {
    expect(cacheVolume({ ...cache })).toBe(cacheVolume(cache));
    expect(cacheVolume(cache)).toMatch(/^sea-trial-cache-[0-9a-f]{32}$/);
  });

  test('is another one for another repository, image and platform, and for an untrusted run', () => {
    const others: readonly Partial<BuildCache>[] = [
      {},
      { owner: 'https://github.com/acme/other' },
      { image: 'other' },
      { platform: 'linux/amd64' },
      { untrusted: true },
      { owner: '', image: 'https://github.com/acme/webappwebapp' },
    ];
    const names = others.map((one) => cacheVolume({ ...cache, ...one }));
    expect(new Set(names).size).toBe(others.length);
  });

  test.each([
    [cacheVolume(cache), true],
    ['sea-trial-cache-of-mine', false],
    [`${cacheVolume(cache)}0`, false],
    [`my-${cacheVolume(cache)}`, false],
  ])('is known by its whole name: %s', (name, is) => {
    expect(isCacheVolume(name)).toBe(is);
  });
});
