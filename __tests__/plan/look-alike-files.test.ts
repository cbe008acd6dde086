import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { lookAlikeFindings, lookAlikes } from '../../src/plan/look-alike-files.js';
import { type Files, realPorts } from '../../src/ports/index.js';
import { memoryFiles } from '../config/memory.js';
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

async function found(content: Content, ...builds: readonly Build[]) {
  return lookAlikes(plan(...builds), await sameTime(content), files);
}

async function pairs(content: Content, ...builds: readonly Build[]) {
  return (await found(content, ...builds)).pairs;
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
    const { pairs: others, dockerfiles } = await found(
      { 'a.Dockerfile': 'FROM a', 'x/b.Dockerfile': 'FROM b', 'c.Dockerfile': 'FROM a' },
      { context: '.', file: 'a.Dockerfile' },
      { context: '.', file: 'x/b.Dockerfile' },
      { context: '.', file: 'c.Dockerfile' },
    );
    const pair = { images: ['image0', 'image1'], files: ['a.Dockerfile', 'x/b.Dockerfile'] };
    expect([others, dockerfiles]).toStrictEqual([[], [pair]]);
  });

  test('Dockerfiles set their images apart, and a plan says nothing of it', async () => {
    const root = await sameTime({
      'sea-trial.yml':
        'images: [{ name: x/a, build: { dockerfile: a.Dockerfile } }, { name: x/b, build: { dockerfile: b.Dockerfile } }]',
      'a.Dockerfile': 'FROM a',
      'b.Dockerfile': 'FROM b',
    });
    const { lookAlikes: apart, findings } = await planned(root);
    expect(apart).toStrictEqual([{ images: ['a', 'b'], files: ['a.Dockerfile', 'b.Dockerfile'] }]);
    expect(findings.filter(({ code }) => code === 'look-alike-files')).toStrictEqual([]);
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
    expect(found).toEqual({ pairs: [], dockerfiles: [], looked: 2 });
  });

  test('one context alone is not walked', async () => {
    const root = await sameTime({ 'a/f': 'aaaa', 'a/Dockerfile': 'FROM a' });
    const twice = plan({ context: 'a' }, { context: 'a' });
    expect(await lookAlikes(twice, root, files)).toEqual({ pairs: [], dockerfiles: [], looked: 0 });
  });

  test('addresses are not looked at', async () => {
    const root = await sameTime({ 'a/f': 'aaaa' });
    const remote = plan({ context: 'a' }, { context: 'https://a.example/b.git' });
    expect(await lookAlikes(remote, root, files)).toEqual({
      pairs: [],
      dockerfiles: [],
      looked: 0,
    });
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

/** What is found in the folders `a` and `b`, each with a file of one size and time, where files answer otherwise. */
function walked(otherwise: Partial<Files>) {
  const content = memoryFiles({ 'a/f': 'aaaa', 'b/f': 'bbbb' });
  const reader = (path: string) => Readable.from([path]);
  const builds = plan({ context: 'a' }, { context: 'b' });
  return lookAlikes(builds, '/work', { ...content, reader, ...otherwise });
}

function failing(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error('no'), { code }));
}

describe('what cannot be read', () => {
  test.each(['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR'])(
    'is left to the build to complain about, as with %s',
    async (code) => {
      expect((await walked({})).pairs).toHaveLength(1);
      expect(await walked({ list: () => failing(code) })).toStrictEqual({
        pairs: [],
        dockerfiles: [],
        looked: 0,
      });
      const reader = () =>
        Readable.from(
          (async function* () {
            yield await failing(code);
          })(),
        );
      expect(await walked({ reader })).toStrictEqual({ pairs: [], dockerfiles: [], looked: 2 });
    },
  );

  test('is left to it where it is gone by now, too', async () => {
    const look: Files['look'] = async () => undefined;
    expect(await walked({ look })).toStrictEqual({ pairs: [], dockerfiles: [], looked: 0 });
  });

  test('is a fault where the machine is to blame', async () => {
    await expect(walked({ list: () => failing('EIO') })).rejects.toMatchObject({ code: 'EIO' });
    await expect(walked({ list: () => Promise.reject(new Error('broken')) })).rejects.toThrow(
      'broken',
    );
  });
});

test('files that are like no other are not read', async () => {
  const reader = () => Readable.from([new Error('read')]).map((error) => Promise.reject(error));
  const list: Files['list'] = async (path) => (path.endsWith('/a') ? ['f'] : ['other']);
  const look = async (path: string) =>
    path.endsWith('/Dockerfile')
      ? undefined
      : ({ kind: 'file', size: 4, modified: 0n, mode: 0 } as const);
  expect(await walked({ list, look, reader })).toStrictEqual({
    pairs: [],
    dockerfiles: [],
    looked: 2,
  });
  await expect(walked({ reader })).rejects.toThrow('read');
});

test('of very many files only the first are compared, which is said', async () => {
  const numbered = (name: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${name}${at}`);
  const file = { kind: 'file', size: 1, modified: 0n, mode: 0o644 } as const;
  const found = await walked({
    look: async (path) => (path.endsWith('Dockerfile') ? undefined : file),
    list: async (path) => (path === '/work/a' ? numbered('x', 150_000) : numbered('y', 60_000)),
  });
  expect(found).toStrictEqual({ pairs: [], dockerfiles: [], looked: 200_000, capped: true });
  expect(lookAlikeFindings(found).map(({ message }) => message)).toStrictEqual([
    'Only the first 200000 files of the contexts were compared.',
  ]);
});

test('one file of two contexts is not held against itself', async () => {
  const content = { 'a/f': 'aaaa', 'a/b/f': 'bbbb' };
  expect(await pairs(content, { context: 'a' }, { context: './a' }, { context: 'a/b' })).toEqual([
    { images: ['image0', 'image2'], files: ['a/f', 'a/b/f'] },
  ]);
});

test('a named context is looked through, too, and belongs to the first image that has it', async () => {
  const root = await sameTime({ 'a/f': 'aaaa', 'lib/f': 'bbbb' });
  const images = ['one', 'two'].map((id) => ({
    id,
    build: {
      kind: 'dockerfile',
      context: 'a',
      file: 'a/Dockerfile',
      contexts: { lib: 'lib', web: 'https://a.example/b.git' },
    },
  }));
  const found = await lookAlikes({ images } as never, root, files);
  expect(found).toEqual({
    pairs: [{ images: ['one', 'one'], files: ['a/f', 'lib/f'] }],
    dockerfiles: [],
    looked: 2,
  });
});

test('a file whose images are named in a note has its own sentence, and no more is counted', () => {
  const pair = { images: ['one', 'two'], files: ['a/f', 'b/f'] } as const;
  const messages = (count: number) =>
    lookAlikeFindings({ pairs: Array.from({ length: count }, () => pair) }).map(
      ({ message }) => message,
    );
  const sentence = 'a/f (one) and b/f (two) are equal in size and time but not in content.';
  expect(messages(0)).toStrictEqual([]);
  expect(messages(5)).toStrictEqual(Array.from({ length: 5 }, () => sentence));
  expect(messages(6).at(-1)).toBe('1 more pairs of files are equal in size and time.');
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
