import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isSurelyAbsent, readRules, whyAbsent } from '../../src/dockerfile/index.js';
import { files } from '../../src/ports/files.js';

let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sea-trial-absent-'));
  await mkdir(join(root, 'app', 'src'), { recursive: true });
  await writeFile(join(root, 'app', 'src', 'main.go'), '');
  await writeFile(join(root, 'app', 'plain'), '');
  await symlink('src', join(root, 'app', 'link'));
  await mkdir(join(root, 'none', '.git'), { recursive: true });
  await mkdir(join(root, 'listed', 'src'), { recursive: true });
  await writeFile(join(root, 'listed', 'src', 'main.go'), '');
  await writeFile(join(root, 'listed', '.dockerignore'), '# all\n*/*.go\n');
  await writeFile(join(root, 'unclear.dockerignore'), '[z-a]\n');
});

afterAll(() => rm(root, { recursive: true, force: true }));

test.each<[string, string, boolean]>([
  ['src/main.go', '', false],
  ['src', '', false],
  ['none', '', true],
  ['src/none', '', true],
  ['src/none/more', '', true],
  ['plain/more', '', true],
  ['link', '', false],
  ['link/none', '', false],
  ['src/main.go', '**/*.go', true],
  ['src/main.go', '**/*.go\n!other', true],
  ['src/main.go', '**/*.go\n!src/main.go', false],
  ['src', 'src', true],
  ['src', 'src\n!src/main.go', false],
  ['link', 'link', false],
])('that %s is surely not in a context with the list %j: %s', async (path, list, expected) => {
  const ignore = { file: '.dockerignore', rules: readRules(list) };
  expect(await isSurelyAbsent(path, join(root, 'app'), ignore, files)).toBe(expected);
});

test('what cannot be looked at is not surely absent', async () => {
  const ignore = { file: '.dockerignore', rules: readRules('*') };
  const look = () => Promise.reject(new Error('EACCES'));
  expect(await isSurelyAbsent('src', join(root, 'app'), ignore, { look })).toBe(false);
});

test.each<[string, string, string, string | undefined]>([
  [
    'src/main.go',
    'listed',
    'Dockerfile',
    'listed/.dockerignore:2 (*/*.go) leaves src/main.go out of the context, where it is: remove that line, or add "!src/main.go" below it.',
  ],
  ['src/main.go', 'app', 'Dockerfile', 'The file is there now; run again.'],
  ['src/main.go', 'app', 'unclear', undefined],
  [
    'src/mian.go',
    'app',
    'Dockerfile',
    'There is no "src/mian.go" in the context "app"; did you mean "src/main.go"?',
  ],
  ['plian', 'app', 'Dockerfile', 'There is no "plian" in the context "app"; did you mean "plain"?'],
  ['another', 'app', 'Dockerfile', undefined],
  ['gone/main.go', 'app', 'Dockerfile', undefined],
  [
    'main.go',
    'none',
    'Dockerfile',
    'The context "none" is empty: no step before this one has checked the repository out (uses: actions/checkout).',
  ],
])('why %s is not in the context %s of %s: %s', async (path, context, file, expected) => {
  expect(await whyAbsent(path, { file, context }, root, files)).toBe(expected);
});
