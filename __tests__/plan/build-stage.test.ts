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

test.each(['build', 'release', 'RELEASE', '2', '"0"'])('the stage %s is found', async (target) => {
  expect(await planWith(target)).toEqual([]);
});

test.each([
  ['relase', '"Dockerfile" has no stage "relase"; did you mean "release"?'],
  ['nothing-like-it', '"Dockerfile" has no stage "nothing-like-it"'],
  ['3', '"Dockerfile" has no stage "3"'],
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
