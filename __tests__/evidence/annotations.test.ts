import { describe, expect, test } from '@jest/globals';
import { indexAnnotations, manifestAnnotations } from '../../src/evidence/index.js';
import { plannedImage } from '../plans.js';

describe('where an annotation goes', () => {
  test.each([
    ['org.opencontainers.image.title', 'index', ''],
    ['index:a', 'index', ''],
    ['manifest:a', '', 'linux/amd64 linux/arm64'],
    ['manifest,index:a', 'index', 'linux/amd64 linux/arm64'],
    ['manifest[linux/arm64]:a', '', 'linux/arm64'],
    ['a:b', 'index', ''],
    ['manifest,other:b', 'index', ''],
  ])('%s', (written, index, manifests) => {
    const image = plannedImage({ annotations: { [written]: 'v' } });
    const found = {
      index: Object.keys(indexAnnotations(image)).length > 0 ? 'index' : '',
      manifests: image.platforms
        .filter((platform) => Object.keys(manifestAnnotations(image, platform)).length > 0)
        .join(' '),
    };
    expect(found).toEqual({ index, manifests });
  });

  test('the level is no part of the key', () => {
    const image = plannedImage({ annotations: { 'manifest,index:a': '1', 'b:c': '2' } });
    expect(indexAnnotations(image)).toEqual({ a: '1', 'b:c': '2' });
    expect(manifestAnnotations(image, 'linux/amd64')).toEqual({ a: '1' });
  });
});
