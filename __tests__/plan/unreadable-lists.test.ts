import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { UNTRUSTED } from '../config/memory.js';
import {
  type Content,
  folder,
  git,
  planned,
  planOf,
  removeFolders,
  repository,
  write,
} from './repository.js';

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
    {
      file,
      line,
      message: `the builder cannot read the pattern "${pattern}", and the build would fail; look at its "[", "]", "-", "\\" and "!", and write "\\" before a character that means itself`,
    },
  ]);
});

test.each<[string, Content]>([
  ['is not taken', { 'app/.dockerignore': '[\n', 'app/Dockerfile.dockerignore': '*.md\n' }],
  ['another frontend reads', { 'app/.dockerignore': '[\n', 'app/Dockerfile': '#syntax=a/b\n' }],
  ['is only unusual', { 'app/.dockerignore': 'a]\n{\n' }],
])('a list that %s is not refused', async (_, content) => {
  expect(await problemsOf(content)).toEqual([]);
});

/** Of a file outside a plan quotes nothing; it would say what stands there to the author of a link. */
describe('what a link leads to is not quoted', () => {
  const OUTSIDE: Content = {
    '../outside/list': 'SECRET[\n',
    '../outside/.dockerignore': 'SECRET[\n',
    '../outside/Dockerfile': 'FROM SECRET AS secret-stage\n',
    '../outside/Dockerfile.dockerignore': 'SECRET[\n',
  };

  async function said(yaml: string, [path, to]: readonly [string, string]) {
    const content = { ...OUTSIDE, 'sea-trial.yml': yaml };
    const app = path === 'app' ? {} : { 'app/file': '1' };
    const root = await folder({ ...content, ...app });
    if (path.endsWith('ignore'))
      await write(root, { 'app/Dockerfile': 'FROM busybox\nCOPY file /\n' });
    await symlink(to.replace(/^\/outside/, join(root, '../outside')), join(root, path));
    return JSON.stringify(await planOf(root, UNTRUSTED));
  }

  test.each<[string, string]>([
    ['app/.dockerignore', '../../outside/list'],
    ['app/.dockerignore', '/outside/list'],
    ['app/Dockerfile.dockerignore', '../../outside/list'],
    ['app/Dockerfile.dockerignore', '/outside/list'],
  ])('%s -> %s leaves a list of which nothing is known', async (path, to) => {
    const found = await said(YAML, [path, to]);
    expect(found).toContain('"plan":');
    expect(found).not.toMatch(/SECRET|PATH=|source-missing/);
  });

  test.each<[string, string, string]>([
    ['a folder, with its list', 'app', 'images: [{ name: acme/a, build: { context: app } }]'],
    [
      'a folder, with its stages',
      'app',
      'images: [{ name: acme/a, build: { context: app, target: secret-stag } }]',
    ],
    [
      'a folder, with its images',
      'app',
      'images: [{ name: acme/a, build: { context: app, native: [x] } }]',
    ],
    [
      'a Dockerfile, with its stages',
      'app/Dockerfile',
      'images: [{ name: acme/a, build: { context: app, target: secret-stag } }]',
    ],
    [
      'a Dockerfile, with its images',
      'app/Dockerfile',
      'images: [{ name: acme/a, build: { context: app, native: [x] } }]',
    ],
  ])('%s', async (_, path, yaml) => {
    const found = await said(yaml, [path, path === 'app' ? '/outside' : '/outside/Dockerfile']);
    expect(found).toContain('"problems":');
    expect(found).not.toMatch(/SECRET|secret-stage/);
  });
});

test('a link to a list in the folder is read as the builder reads it', async () => {
  const root = await folder({
    'sea-trial.yml': YAML,
    'app/Dockerfile': 'FROM busybox\n',
    'app/sub/list': '[\n',
  });
  await symlink('sub/list', join(root, 'app/.dockerignore'));
  expect(await planOf(root, UNTRUSTED)).toEqual({
    problems: [expect.objectContaining({ file: 'app/.dockerignore', line: 1 })],
  });
});

describe('a list behind a link that the builder does not follow leaves nothing out for certain', () => {
  const content = {
    'sea-trial.yml': YAML,
    'app/Dockerfile': 'FROM busybox\nCOPY main.go /\n',
    'app/main.go': '1',
    list: '*\n!go.mod\n',
  };

  test.each<[string, string]>([
    ['.dockerignore', '../list'],
    ['.dockerignore', '/list'],
    ['Dockerfile.dockerignore', '../list'],
  ])('%s -> %s', async (name, to) => {
    const root = await repository(content);
    const target = to.replace(/^\/list/, join(root, 'list'));
    await symlink(target, join(root, 'app', name));
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'second');
    await write(root, { 'app/main.go': '2' });
    const { findings, source } = await planned(root);
    expect(findings.map(({ code }) => code)).not.toContain('source-missing');
    expect(source.dirty).toEqual(['app/main.go']);
  });

  test('a link to nothing in the folder is no list, and that of the context is read', async () => {
    const root = await repository({ ...content, 'app/.dockerignore': '*\n' });
    await symlink('nothing', join(root, 'app/Dockerfile.dockerignore'));
    const { findings } = await planned(root);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'source-missing',
        remedy: expect.stringContaining('app/.dockerignore:1 (*)'),
      }),
    );
  });
});
