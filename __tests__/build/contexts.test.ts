import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { linkContexts } from '../../src/build/contexts.js';
import { realPorts } from '../../src/ports/index.js';
import { plannedBuild, plannedImage } from '../plans.js';

const { files } = realPorts();

let root = '';
beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

const images = [
  plannedImage({ id: 'one', build: plannedBuild({ context: 'a/app' }) }),
  plannedImage({ id: 'two', build: plannedBuild({ context: 'b/app' }) }),
  // Two ids that are one where only plain characters are left.
  plannedImage({ id: 'x:1', build: plannedBuild({ context: 'b/app' }) }),
  plannedImage({ id: 'x-1', build: plannedBuild({ context: 'b/app' }) }),
];

test('each image gets a name of its own for its context, the same in every run', async () => {
  const first = await linkContexts(images, root, join(root, 'first'), files);
  const second = await linkContexts(images, root, join(root, 'second', 'deeper'), files);
  const names = (links: ReadonlyMap<string, string>) =>
    [...links].map(([id, path]) => [id, basename(path)]);
  expect(names(second)).toEqual(names(first));
  expect(new Set([...first.values()].map((path) => basename(path))).size).toBe(images.length);
  const targets = [...first.values()].map((path) => fs.readlink(path));
  expect(await Promise.all(targets)).toEqual(
    ['a/app', 'b/app', 'b/app', 'b/app'].map((context) => join(root, context)),
  );
});
