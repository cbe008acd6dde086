import { expect, test } from '@jest/globals';
import { imageOn, imagesAsBuilt } from '../../src/evidence/index.js';
import { plannedBuild, plannedImage } from '../plans.js';

const build = plannedBuild({ args: { A: '1' } });
const plain = plannedImage({ id: 'plain', build });
const image = plannedImage({ build, perPlatform: { 'linux/arm64': { file: 'Dockerfile.arm64' } } });
const onArm = { ...build, file: 'Dockerfile.arm64' };

test('a platform has the build of the image, and what differs from it there', () => {
  expect(imageOn(image, 'linux/arm64')).toEqual({ ...image, build: onArm });
  expect(imageOn(image, 'linux/amd64')).toBe(image);
  expect(imageOn(plain, 'linux/arm64')).toBe(plain);
});

test('an image whose builds differ is built once for each of its platforms, any other one once', () => {
  expect(imagesAsBuilt([plain, image])).toEqual([
    plain,
    { ...image, platforms: ['linux/amd64'] },
    { ...image, build: onArm, platforms: ['linux/arm64'] },
  ]);
  expect(imagesAsBuilt([])).toEqual([]);
});
