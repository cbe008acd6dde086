import { expect, test } from '@jest/globals';
import { compare } from '../../src/inspect/index.js';
import { built } from './platforms.js';

const image = { id: 'greeter', foreign: undefined };
const platforms = ['linux/amd64', 'linux/arm64'].map((platform, at) =>
  built(platform, [[{ path: 'ab', size: at }]]),
);

test('platforms whose paths are too long together are not compared, and that is told of each', () => {
  const words = 'The platforms were not compared: all paths in the layers together are too long.';
  const found = compare(image, platforms, 2);
  expect(found.map(({ code, subject, message }) => [code, subject, message])).toStrictEqual(
    ['linux/amd64', 'linux/arm64'].map((platform) => [
      'layer-unread',
      { image: 'greeter', platform },
      words,
    ]),
  );
  expect(compare(image, platforms, 3).map(({ code }) => code)).toEqual(['empty-on-one-platform']);
});

test('one platform is beside no other, whatever its paths are', () => {
  expect(compare(image, platforms.slice(1), 0)).toStrictEqual([]);
  expect(compare(image, [], 0)).toStrictEqual([]);
});
