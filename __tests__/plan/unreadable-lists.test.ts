import { afterEach, expect, test } from '@jest/globals';
import { type Content, folder, planOf, removeFolders } from './repository.js';

afterEach(removeFolders);

const YAML = 'images: [{ name: acme/a, build: { context: app } }]\n';

async function problemsOf(content: Content) {
  const all = { 'sea-trial.yml': YAML, 'app/Dockerfile': 'FROM busybox\n', ...content };
  const planning = await planOf(await folder(all));
  return 'problems' in planning ? planning.problems : [];
}

test.each<[string, number, string]>([
  ['app/.dockerignore', 3, 'a[b'],
  ['app/Dockerfile.dockerignore', 3, '!'],
  ['app/.dockerignore', 3, 'a\\'],
])('in %s:%i the pattern %s is refused before the build', async (file, line, pattern) => {
  expect(await problemsOf({ [file]: `# one\n*\n${pattern}\n` })).toEqual([
    { file, line, message: expect.stringContaining(`cannot read the pattern "${pattern}"`) },
  ]);
});

test.each<[string, Content]>([
  ['is not taken', { 'app/.dockerignore': '[\n', 'app/Dockerfile.dockerignore': '*.md\n' }],
  ['another frontend reads', { 'app/.dockerignore': '[\n', 'app/Dockerfile': '#syntax=a/b\n' }],
  ['is only unusual', { 'app/.dockerignore': 'a]\n{\n' }],
])('a list that %s is not refused', async (_, content) => {
  expect(await problemsOf(content)).toEqual([]);
});
