import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeNativeDockerfiles } from '../../../src/build/dockerfile/native.js';
import { realPorts } from '../../../src/ports/index.js';
import { plannedBuild, plannedImage } from '../../plans.js';

const { files } = realPorts();
const TEXT = 'FROM golang:1.26 AS a\nFROM scratch\nCOPY --from=a /a /a\n';

let root = '';
beforeEach(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'sea-trial-native-'));
  await fs.writeFile(join(root, 'x.Dockerfile'), TEXT);
});
afterEach(() => fs.rm(root, { recursive: true, force: true }));

const image = (id: string, native?: readonly string[]) =>
  plannedImage({
    id,
    build: plannedBuild({ file: 'x.Dockerfile', ...(native === undefined ? {} : { native }) }),
  });

const writeFrom = (content: Buffer, images: readonly ReturnType<typeof image>[]) =>
  writeNativeDockerfiles(
    { images, root, contents: new Map([['x.Dockerfile', content]]), folder: join(root, 'run') },
    files,
  );

const write = (...images: ReturnType<typeof image>[]) => writeFrom(Buffer.from(TEXT), images);

test('an image with native stages has a copy of its Dockerfile, the others have none', async () => {
  const found = await write(image('a', ['golang:1.26']), image('b'));
  expect([...found.keys()]).toEqual(['a@linux/amd64', 'a@linux/arm64']);
  const { path = '', text } = found.get('a@linux/arm64') ?? {};
  expect(text).toBe(TEXT.replace('golang', '--platform=$BUILDPLATFORM golang'));
  expect(await fs.readFile(path, 'utf8')).toBe(text);
  expect(basename(path)).toBe('x.Dockerfile');
  expect(await fs.readFile(join(root, 'x.Dockerfile'), 'utf8')).toBe(TEXT);
});

test('bytes that are no UTF-8 stay as they are', async () => {
  const head = Buffer.from('# caf\xe9\n', 'latin1');
  const found = await writeFrom(Buffer.concat([head, Buffer.from(TEXT)]), [
    image('a', ['golang:1.26']),
  ]);
  const written = await fs.readFile(found.get('a@linux/amd64')?.path ?? '');
  const changed = TEXT.replace('golang', '--platform=$BUILDPLATFORM golang');
  expect(written.toString('latin1')).toBe(`# caf\xe9\n${changed}`);
});

test('what belongs to a Dockerfile goes with it, but for links that lead out of its folder', async () => {
  await fs.writeFile(join(root, 'x.Dockerfile.dockerignore'), 'secret\n');
  await fs.symlink('/etc/hostname', join(root, 'x.Dockerfile.rego'));
  const found = await write(image('a', ['golang:1.26']));
  const folder = dirname(found.get('a@linux/amd64')?.path ?? '');
  expect((await fs.readdir(folder)).sort()).toEqual(['x.Dockerfile', 'x.Dockerfile.dockerignore']);
  expect(await fs.readFile(join(folder, 'x.Dockerfile.dockerignore'), 'utf8')).toBe('secret\n');
});
