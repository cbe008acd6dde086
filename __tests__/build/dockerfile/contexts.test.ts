import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { linkContexts } from '../../../src/build/dockerfile/contexts.js';
import { realPorts } from '../../../src/ports/index.js';
import { plannedBuild, plannedImage } from '../../plans.js';

const { files } = realPorts();

let root = '';
beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

const image = (id: string, build: Parameters<typeof plannedBuild>[0]) =>
  plannedImage({ id, platforms: ['linux/amd64'], build: plannedBuild(build) });

const images = [
  image('one', { context: 'a/app' }),
  image('two', { context: 'b/app' }),
  image('as two', { context: 'b/app', file: 'b/app/other' }),
  image('look-alike', { context: 'b/app', file: 'b/app/alike' }),
  image('named', { context: 'b/app', contexts: { src: 'a/src' } }),
  image('named otherwise', { context: 'b/app', contexts: { src: 'b/src' } }),
  image('named image', { context: 'b/app', contexts: { src: 'docker-image://busybox' } }),
  image('Git', { context: 'https://github.com/acme/greeter.git' }),
];

const link = (...at: string[]) =>
  linkContexts(
    { images, root, lookAlike: new Set(['b/app/alike']), folder: join(root, ...at) },
    files,
  );
const names = (links: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    [...links].map(([trial, path]) => [trial.replace(/@linux\/amd64$/, ''), basename(path)]),
  );

test('what is built from the same folders shares a name, all else has one of its own', async () => {
  const links = await link('first');
  const { one, two, ...others } = names(links);
  expect(one).toMatch(/^app-[0-9a-f]{12}$/);
  expect(others).toEqual({
    'as two': two,
    'named image': two,
    'look-alike': expect.any(String),
    named: expect.any(String),
    'named otherwise': expect.any(String),
  });
  expect(new Set([one, two, ...Object.values(others)]).size).toBe(5);
  for (const [trial, path] of links) {
    const context = trial === 'one@linux/amd64' ? 'a/app' : 'b/app';
    expect(await fs.readlink(path)).toBe(join(root, context));
  }
});

test('the order of named contexts makes no other sources', async () => {
  const contexts = { lib: 'a/lib', src: 'a/src', tools: 'a/tools' };
  const reversed = Object.fromEntries(Object.entries(contexts).reverse());
  const all = [contexts, reversed].map((one, at) => image(`${at}`, { contexts: one }));
  const asked = { images: all, root, lookAlike: new Set<string>(), folder: join(root, 'order') };
  const [first, second, ...more] = Object.values(names(await linkContexts(asked, files)));
  expect([first, more]).toStrictEqual([second, []]);
});

test('the names are the same in every run', async () => {
  expect(names(await link('second', 'deeper'))).toEqual(names(await link('third')));
});

test('a context of each platform has a link of its own, one of all platforms the same', async () => {
  const both = {
    ...image('each', { context: '{arch}' }),
    platforms: ['linux/amd64', 'linux/arm64'],
  };
  const perPlatform = { 'linux/amd64': { context: 'amd64' }, 'linux/arm64': { context: 'arm64' } };
  const all = [
    { ...both, perPlatform },
    { ...both, id: 'all', build: plannedBuild() },
  ];
  const folder = join(root, 'platforms');
  const links = await linkContexts({ images: all, root, lookAlike: new Set(), folder }, files);
  const targets = await Promise.all(
    [...links].map(async ([trial, path]) => [trial, await fs.readlink(path)]),
  );
  expect(targets).toEqual([
    ['each@linux/amd64', join(root, 'amd64')],
    ['each@linux/arm64', join(root, 'arm64')],
    ['all@linux/amd64', root],
    ['all@linux/arm64', root],
  ]);
});
