import { afterEach, expect, test } from '@jest/globals';
import { folder, problems, removeFolders } from './repository.js';

afterEach(removeFolders);

const DOCKERFILE = 'FROM busybox AS build\nFROM build AS Release\nFROM busybox\n';

const planWith = async (target: string, dockerfile = DOCKERFILE) =>
  problems(
    await folder({
      Dockerfile: dockerfile,
      'sea-trial.yml': `images:\n  - name: acme/a\n    tags: [dev]\n    build: { context: ., target: ${target} }\n`,
    }),
  );

test.each(['build', 'release', 'RELEASE'])('the stage %s is found', async (target) => {
  expect(await planWith(target)).toEqual([]);
});

test.each([
  ['relase', '"Dockerfile" has no stage "relase"; did you mean "release"?'],
  ['nothing-like-it', '"Dockerfile" has no stage "nothing-like-it"'],
  ['2', '"Dockerfile" has no stage "2"; a target is the name of a stage, not its number'],
  ['"0"', '"Dockerfile" has no stage "0"; a target is the name of a stage, not its number'],
])('the stage %s is missed before the build', async (target, message) => {
  expect(await planWith(target)).toEqual([expect.stringContaining(message)]);
});

test('a file that another frontend reads may have other stages', async () => {
  const other = '# syntax=example.com/other:1\nFROM busybox\n';
  expect(await planWith('theirs', other)).toEqual([]);
  const same = '# syntax=docker/dockerfile:1\nFROM busybox\n';
  expect(await planWith('theirs', same)).toHaveLength(1);
});

test.each([
  ['a quoted "<<"', 'RUN echo "see <<EOF here"'],
  ['an escaped "<<"', 'RUN echo \\<<EOF'],
  ['a line that ends in two backslashes', 'RUN echo a\\\\'],
])('a stage after %s is found, as BuildKit finds it', async (_, line) => {
  const dockerfile = `FROM busybox AS build\n${line}\nFROM build AS Release\nRUN true\n`;
  expect(await planWith('release', dockerfile)).toEqual([]);
  expect(await planWith('other', dockerfile)).toHaveLength(1);
});

const ITS_START = 'every stage begins with FROM, as in "FROM alpine:3"';

test('the place of a stage that is missed is that of its name', async () => {
  expect(await planWith('nothing-like-it')).toStrictEqual([
    '4:34 "Dockerfile" has no stage "nothing-like-it"',
  ]);
});

test.each([
  ['', 'is empty'],
  ['\n \n', 'is empty'],
  ['# FROM busybox\n\n# more\n', 'holds comments alone'],
  ['ARG A=1\n', 'has no FROM'],
  ['RUN <<EOF\nFROM busybox\nEOF\n', 'has no FROM'],
])('%j is refused before the build', async (dockerfile, what) => {
  expect(await planWith('build', dockerfile)).toEqual([
    expect.stringContaining(`"Dockerfile" ${what}; ${ITS_START}`),
  ]);
  const root = await folder({
    Dockerfile: dockerfile,
    'sea-trial.yml': 'images: [{ name: acme/a }]\n',
  });
  expect(await problems(root)).toEqual([expect.stringContaining(`"Dockerfile" ${what}`)]);
});

test('what another frontend reads may be empty', async () => {
  const root = await folder({
    Dockerfile: '# syntax=example.com/other:1\n',
    'sea-trial.yml': 'images: [{ name: acme/a }]\n',
  });
  expect(await problems(root)).toEqual([]);
});
