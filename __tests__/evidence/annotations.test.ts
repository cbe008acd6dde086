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
    ['manifests', 'index', ''],
    ['manifests:a', 'index', ''],
    ['a-manifest:a', 'index', ''],
    ['manifest[linux/arm64]x:a', 'index', ''],
    ['manifest[linux/s390x]:a', '', ''],
    ['manifest-descriptor:a', '', ''],
    ['index-descriptor:a', '', ''],
    [':a', 'index', ''],
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
    const annotations = { 'manifest,index:a': '1', 'b:c': '2', 'index:d:e': '3', manifests: '4' };
    const image = plannedImage({ annotations });
    expect(indexAnnotations(image)).toEqual({ a: '1', 'b:c': '2', 'd:e': '3', manifests: '4' });
    expect(manifestAnnotations(image, 'linux/amd64')).toEqual({ a: '1' });
  });
});

describe('the base', () => {
  const NAME = 'org.opencontainers.image.base.name';
  const DIGEST = 'org.opencontainers.image.base.digest';
  const base = { name: 'docker.io/library/busybox:1.37', digest: `sha256:${'a'.repeat(64)}` };
  const other = { ...base, name: 'docker.io/library/alpine:3' };
  const own = { [NAME]: base.name, [DIGEST]: base.digest };
  const image = (annotations: Record<string, string> = {}) => plannedImage({ annotations });

  test('is that of a manifest, and of the index where all platforms agree', () => {
    expect(manifestAnnotations(image({ a: '1' }), 'linux/amd64', base)).toEqual(own);
    expect(indexAnnotations(image({ a: '1' }), [base, { ...base }])).toEqual({ ...own, a: '1' });
    expect(indexAnnotations(image(), [base, other])).toEqual({});
    expect(indexAnnotations(image(), [base, { ...base, digest: 'sha256:0' }])).toEqual({});
    expect(indexAnnotations(image(), [base, undefined])).toEqual({});
    expect(indexAnnotations(image(), [undefined, undefined])).toEqual({});
    expect(indexAnnotations(image(), [])).toEqual({});
    expect(manifestAnnotations(image(), 'linux/amd64')).toEqual({});
  });

  test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
    ['of the index', { [NAME]: 'x' }, { [NAME]: 'x' }, {}],
    ['of manifests', { [`manifest:${NAME}`]: 'x' }, {}, { [NAME]: 'x' }],
    ['beside others', { a: '1', [NAME]: 'x' }, { a: '1', [NAME]: 'x' }, {}],
    ['as false', { [NAME]: 'false' }, {}, {}],
    ['as nothing', { [`manifest:${DIGEST}`]: '' }, {}, {}],
  ])('what is written of it comes first: %s', (_, written, ofIndex, ofManifest) => {
    expect(indexAnnotations(image(written), [base])).toEqual(ofIndex);
    expect(manifestAnnotations(image(written), 'linux/amd64', base)).toEqual(ofManifest);
  });
});
