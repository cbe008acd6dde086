import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { lookAlikes } from '../../src/plan/look-alike-files.js';
import { realPorts } from '../../src/ports/index.js';
import { type Content, folder, planned, removeFolders } from './repository.js';

afterEach(removeFolders);

const { files } = realPorts();

/** A folder whose files all have one modification time, as after some checkouts. */
async function sameTime(content: Content): Promise<string> {
  const root = await folder(content);
  for (const path of Object.keys(content)) await utimes(join(root, path), 1000, 1000);
  return root;
}

interface Build {
  readonly context: string;
  readonly file?: string;
}

function plan(...builds: readonly Build[]) {
  const images = builds.map(({ context, file = `${context}/Dockerfile` }, index) => ({
    id: `image${index}`,
    build: { kind: 'dockerfile', context, file, contexts: {} },
  }));
  return { images } as unknown as Parameters<typeof lookAlikes>[0];
}

async function pairs(content: Content, ...builds: readonly Build[]) {
  return (await lookAlikes(plan(...builds), await sameTime(content), files)).pairs;
}

describe('lookAlikes', () => {
  test('files at one path in two contexts', async () => {
    expect(
      await pairs(
        { 'a/src/main.go': 'aaaa', 'b/src/main.go': 'bbbb', 'a/same': 'x', 'b/same': 'x' },
        { context: 'a' },
        { context: 'b' },
      ),
    ).toEqual([{ images: ['image0', 'image1'], files: ['a/src/main.go', 'b/src/main.go'] }]);
  });

  test('Dockerfiles of one context, whatever they are called', async () => {
    expect(
      await pairs(
        { 'a.Dockerfile': 'FROM a', 'x/b.Dockerfile': 'FROM b', 'c.Dockerfile': 'FROM a' },
        { context: '.', file: 'a.Dockerfile' },
        { context: '.', file: 'x/b.Dockerfile' },
        { context: '.', file: 'c.Dockerfile' },
      ),
    ).toEqual([{ images: ['image0', 'image1'], files: ['a.Dockerfile', 'x/b.Dockerfile'] }]);
  });

  test('other sizes, other paths, empty files and .git are no danger', async () => {
    expect(
      await pairs(
        {
          'a/one': 'aaaa',
          'b/one': 'bbb',
          'a/two': 'aaaa',
          'b/three': 'bbbb',
          'a/empty': '',
          'b/empty': '',
          'a/.git/HEAD': 'aaaa',
          'b/.git/HEAD': 'bbbb',
        },
        { context: 'a' },
        { context: 'b' },
      ),
    ).toEqual([]);
  });

  test('another time is no danger', async () => {
    const root = await sameTime({ 'a/f': 'aaaa', 'b/f': 'bbbb' });
    await utimes(join(root, 'b/f'), 1000, 1001);
    const found = await lookAlikes(plan({ context: 'a' }, { context: 'b' }), root, files);
    expect(found).toEqual({ pairs: [], looked: 2 });
  });

  test('one context alone is not walked', async () => {
    const root = await sameTime({ 'a/f': 'aaaa', 'a/Dockerfile': 'FROM a' });
    const twice = plan({ context: 'a' }, { context: 'a' });
    expect(await lookAlikes(twice, root, files)).toEqual({ pairs: [], looked: 0 });
  });

  test('addresses are not looked at', async () => {
    const root = await sameTime({ 'a/f': 'aaaa' });
    const remote = plan({ context: 'a' }, { context: 'https://a.example/b.git' });
    expect(await lookAlikes(remote, root, files)).toEqual({ pairs: [], looked: 0 });
  });

  test('a third file is held against the first', async () => {
    const found = await pairs(
      { 'a/f': 'aaaa', 'b/f': 'bbbb', 'c/f': 'aaaa' },
      { context: 'a' },
      { context: 'b' },
      { context: 'c' },
    );
    expect(found.map((pair) => pair.files)).toEqual([['a/f', 'b/f']]);
  });
});

test('a plan notes the first pairs and counts the rest', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `f${index}`);
  const root = await sameTime({
    'sea-trial.yml': 'images: [{ name: x/a, build: a }, { name: x/b, build: b }]',
    'a/Dockerfile': 'FROM scratch',
    'b/Dockerfile': 'FROM scratch',
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`a/${name}`, 'aa'],
        [`b/${name}`, 'bb'],
      ]),
    ),
  });
  const { lookAlikes: found, findings } = await planned(root);
  expect(found.map((pair) => pair.files[0])).toEqual(names.map((name) => `a/${name}`));
  expect(findings).toHaveLength(6);
  expect(findings[0]).toMatchObject({
    code: 'look-alike-files',
    severity: 'note',
    subject: { image: 'a', path: 'a/f0' },
    message: 'a/f0 (a) and b/f0 (b) are equal in size and time but not in content.',
    location: { file: 'a/f0' },
  });
  expect(findings[5]?.message).toBe('3 more pairs of files are equal in size and time.');
});
