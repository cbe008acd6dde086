import { afterEach, expect, test } from '@jest/globals';
import { fromInputs, type Request } from '../../src/config/index.js';
import { MODES } from '../config/memory.js';
import { DOCKERFILE, folder, problems, removeFolders } from './repository.js';

afterEach(removeFolders);

/** The problems of images that are written on lines 2, 3 and so on. */
async function said(images: readonly string[], more: Partial<Request> = {}) {
  const text = ['images:', ...images.map((image) => `  - { ${image} }`)].join('\n');
  return problems(await folder({ 'sea-trial.yml': text, Dockerfile: DOCKERFILE }), more);
}

test.each<[string, readonly string[], readonly string[]]>([
  [
    'a short name of Docker Hub and the whole one',
    ['id: a, name: alpine', 'id: b, name: docker.io/library/alpine'],
    ['3:20 target "docker.io/library/alpine:latest" belongs to image "a" too (also line 2)'],
  ],
  [
    'two hosts of Docker Hub',
    ['id: a, name: acme/x', 'id: b, name: index.docker.io/acme/x'],
    ['3:20 target "index.docker.io/acme/x:latest" belongs to image "a" too (also line 2)'],
  ],
  [
    'one of several tags',
    ['id: a, name: acme/x, tags: [v1, v2]', 'id: b, name: acme/x, tags: [v3, v2]'],
    ['3:20 target "acme/x:v2" belongs to image "a" too (also line 2)'],
  ],
  [
    'three images, of which the first has it',
    ['id: a, name: acme/x', 'id: b, name: acme/x', 'id: c, name: acme/x'],
    [
      '3:20 target "acme/x:latest" belongs to image "a" too (also line 2)',
      '4:20 target "acme/x:latest" belongs to image "a" too (also line 2)',
    ],
  ],
  [
    'one image, under two names',
    ['id: a, targets: [acme/x, docker.io/acme/x]'],
    ['2:32 target "docker.io/acme/x:latest" appears twice (also line 2)'],
  ],
])('a target that is there twice is a problem: %s', async (_, images, expected) => {
  expect(await said(images)).toStrictEqual(expected);
});

test.each<[string, readonly string[]]>([
  ['on another registry', ['id: a, name: alpine', 'id: b, name: ghcr.io/alpine']],
  ['with another tag', ['id: a, name: acme/x, tags: [v1]', 'id: b, name: acme/x, tags: [v2]']],
])('a target %s is another one', async (_, images) => {
  expect(await said(images)).toStrictEqual([]);
});

test('a target that --registry makes equal to that of another image is a problem', async () => {
  const images = ['id: a, name: ghcr.io/acme/x', 'id: b, name: quay.io/acme/x'];
  expect(await said(images)).toStrictEqual([]);
  expect(await said(images, { registry: 'reg.example' })).toStrictEqual([
    '3:20 target "reg.example/acme/x:latest" belongs to image "a" too (also line 2)',
  ]);
});

test('a target that is written twice is a problem with --registry, too', async () => {
  const images = ['id: a, targets: [ghcr.io/acme/x, ghcr.io/acme/x]'];
  expect(await said(images, { registry: 'reg.example' })).toStrictEqual([
    '2:40 target "reg.example/acme/x:latest" appears twice (also line 2)',
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  [
    'an id',
    ['id: a, name: acme/x', 'id: a, name: acme/y'],
    ['3:11 image id "a" appears twice (also line 2); give one an "id" of its own'],
  ],
  [
    'a platform, in the same words',
    ['name: acme/x, platforms: [linux/amd64, linux/amd64]'],
    ['2:46 platform "linux/amd64" appears twice (also line 2)'],
  ],
  [
    'a platform, in other words',
    ['name: acme/x, platforms: [linux/arm64, linux/aarch64]'],
    ['2:46 platform "linux/aarch64" appears twice, as linux/arm64 (also line 2)'],
  ],
  [
    'a test of an image that names no platform',
    ['name: acme/x, tests: [{ name: t, run: a }, { name: t, run: b }]'],
    ['2:50 test "t" appears twice (also line 2); give one a "name" of its own'],
  ],
  [
    'a test on several platforms',
    [
      'name: acme/x, platforms: [linux/amd64, linux/arm64], tests: [{ name: t, run: a }, { name: t, run: b }]',
    ],
    ['2:89 test "t" appears twice (also line 2); give one a "name" of its own'],
  ],
])('%s that is there twice is a problem', async (_, images, expected) => {
  expect(await said(images)).toStrictEqual(expected);
});

test('a test that names one platform in two words is there once', async () => {
  const tests = 'tests: [{ name: t, run: a, platforms: [linux/arm64, linux/aarch64] }]';
  expect(await said([`name: acme/x, platforms: [linux/arm64], ${tests}`])).toStrictEqual([]);
});

test('tests of one name may be those of two images', async () => {
  const tests = 'tests: [{ name: t, run: a }]';
  const images = [`name: acme/x, ${tests}`, `name: acme/y, ${tests}`];
  expect(await said(images)).toStrictEqual([]);
});

test('images that are called nothing are not called the same', async () => {
  const nothing = 'this image has neither "name" nor "targets"';
  expect(await said(['build: .', 'build: .'])).toStrictEqual([`2:5 ${nothing}`, `3:5 ${nothing}`]);
});

test('what the inputs say twice has no line', async () => {
  const root = await folder({ Dockerfile: DOCKERFILE });
  const given = new Map([
    ['tags', 'acme/x'],
    ['platforms', 'linux/arm64,linux/aarch64'],
  ]);
  const asked = fromInputs(given, { root, env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  expect(await problems(root, asked.request)).toStrictEqual([
    'platform "linux/aarch64" appears twice, as linux/arm64',
  ]);
});
