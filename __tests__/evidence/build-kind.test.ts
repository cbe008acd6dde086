import { expect, test } from '@jest/globals';
import { builtBy, isBuiltBy } from '../../src/evidence/index.js';
import { buildpackImage, plannedImage } from '../plans.js';

const docker = plannedImage({ id: 'a' });
const pack = buildpackImage({ id: 'b' });

test('an image is built in the way that its build names', () => {
  const kinds = ['dockerfile', 'buildpack'] as const;
  const built = [docker, pack].map((image) => kinds.map((kind) => isBuiltBy(image, kind)));
  expect(built).toEqual([
    [true, false],
    [false, true],
  ]);
});

test('of several images those of one way are found, in their order', () => {
  const images = [pack, docker, { ...pack, id: 'c' }];
  expect(builtBy(images, 'buildpack').map(({ id }) => id)).toEqual(['b', 'c']);
  expect(builtBy(images, 'dockerfile')).toEqual([docker]);
  expect(builtBy(images.slice(0, 1), 'dockerfile')).toEqual([]);
});
