import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { explainAbsentSource } from '../../../src/build/dockerfile/absent-source.js';
import type { DockerfileOrder } from '../../../src/build/dockerfile/command.js';
import { type DockerfileImage, finding } from '../../../src/evidence/index.js';
import { files } from '../../../src/ports/files.js';
import { plannedBuild, plannedImage } from '../../plans.js';

let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sea-trial-absent-'));
  await mkdir(join(root, 'app', 'src'), { recursive: true });
  await mkdir(join(root, 'none', '.git'), { recursive: true });
  await writeFile(join(root, 'app', 'src', 'main.go'), '');
  await writeFile(join(root, 'app', '.dockerignore'), '# what is not ours\nsrc/*\n!src/keep\n');
});

afterAll(() => rm(root, { recursive: true, force: true }));

function remedyOf(
  message: string,
  context = 'app',
  code: 'build-failed' | 'not-pulled' = 'build-failed',
) {
  const build = plannedBuild({ context, file: join(context, 'Dockerfile') });
  const image = { ...plannedImage(), build } as DockerfileImage;
  const order = { image, root } as DockerfileOrder;
  const failure = finding(code, { image: 'greeter' }, message, { remedy: 'as it was' });
  return explainAbsentSource(failure, order, files).then(({ remedy }) => remedy);
}

const failed = (step: string, path: string) => `step ${step} failed: "${path}": not found`;

test.each<[string, string, string | undefined, string]>([
  [
    'is there and left out',
    failed('[build 2/4] COPY src/main.go /', '/src/main.go'),
    undefined,
    'app/.dockerignore:2 (src/*) leaves src/main.go out of the context, where it is: remove that line, or add "!src/main.go" below it.',
  ],
  [
    'has another name',
    failed('[2/4] COPY --chmod=0755 src/mian.go /', '/src/mian.go'),
    undefined,
    'There is no "src/mian.go" in the context "app"; did you mean "src/main.go"?',
  ],
  [
    'is nowhere',
    failed('COPY dist /srv', '/dist'),
    undefined,
    'There is no "dist" in the context "app".',
  ],
  [
    'is not checked out',
    failed('[1/2] ADD go.mod .', '/go.mod'),
    'none',
    'The context "none" is empty: no step before this one has checked the repository out (uses: actions/checkout).',
  ],
])('a source that %s', async (_, message, context, remedy) => {
  expect(await remedyOf(message, context)).toBe(remedy);
});

test.each<[string, string, string?, 'not-pulled'?]>([
  ['a stage lacks', failed('[2/2] COPY --from=build /src/main.go /', '/src/main.go')],
  ['a program misses', 'step [2/2] RUN cat "/x" failed: "/x": not found'],
  ['lies in Git', failed('[2/2] COPY a b', '/a'), 'https://example.com/a.git'],
  ['another failure names', failed('[2/2] COPY a b', '/a'), 'app', 'not-pulled'],
])('what %s is no fault of the context', async (_, ...asked) => {
  expect(await remedyOf(...asked)).toBe('as it was');
});
