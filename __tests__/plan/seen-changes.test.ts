import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Request } from '../../src/config/index.js';
import { writeLock } from '../../src/parity/index.js';
import { imageLock } from '../parity/locks.js';
import {
  type Content,
  folder,
  git,
  planned,
  problems,
  removeFolders,
  repository,
  write,
} from './repository.js';

/* Which changes of a checkout keep a run from pushing: those that a build can see. */

afterEach(removeFolders);

const yaml = (build: string) => `images: [{ name: ghcr.io/acme/greeter, build: ${build} }]\n`;

const APP: Content = {
  'sea-trial.yml': yaml('{ context: app }'),
  'app/Dockerfile': 'FROM busybox:1.37\n',
  'app/main.c': '1',
  'app/sub/deep.c': '1',
  'docs/page.md': '1',
};

/** What the evidence and a push call changed. */
async function dirtyOf(root: string, more: Partial<Request> = {}): Promise<readonly string[]> {
  const { source } = await planned(root, more);
  const refused = await problems(root, { ...more, push: true });
  expect(refused).toEqual(
    source.dirty.length === 0
      ? []
      : [expect.stringContaining(`does not hold them: ${source.dirty.join(', ')}. Commit`)],
  );
  return source.dirty;
}

describe('what a list leaves out for certain', () => {
  test.each<[string, string, readonly string[]]>([
    ['a folder', 'sub\n', []],
    ['exceptions behind it', '*\n!main.c\n', []],
    ['a pattern behind an exception', '*\n!main.c\nsub\n', []],
    ['an exception behind a pattern', 'sub\n!sub/deep.c\nmain.c\n', ['app/sub/deep.c']],
    ['** before other characters', '**.c\n', []],
    ['an exception with **', '*\n!**.c\n', ['app/sub/deep.c']],
    ['a path out of the context', '../sub\n', ['app/sub/deep.c']],
    ['a path that leads back into it', 'x/../sub\n', []],
    ['more lines than are read', `sub\n${'#\n'.repeat(3000)}`, ['app/sub/deep.c']],
  ])('%s', async (_, list, expected) => {
    const root = await repository({ ...APP, 'app/.dockerignore': list });
    await write(root, { 'app/sub/deep.c': '2' });
    expect(await dirtyOf(root)).toEqual(expected);
  });

  test('nothing for a frontend of another kind', async () => {
    const root = await repository({
      ...APP,
      'app/Dockerfile': '# syntax=ghcr.io/acme/frontend:1\nFROM busybox:1.37\n',
      'app/.dockerignore': 'sub\n',
    });
    await write(root, { 'app/sub/deep.c': '2' });
    expect(await dirtyOf(root)).toEqual(['app/sub/deep.c']);
  });

  test('nothing where git cannot say what has changed', async () => {
    const root = await repository(APP);
    await write(root, { '.git/index': 'junk' });
    const { source, notes } = await planned(root);
    expect(source.dirty).toEqual(['.']);
    expect(notes).toContainEqual(expect.stringContaining('the whole checkout counts as changed'));
    expect(await problems(root, { push: true })).toEqual([
      expect.stringContaining('the checkout has changes'),
    ]);
  });
});

describe('what lies outside every context', () => {
  test.each<[string, Content, readonly string[]]>([
    ['credentials and artifacts', { 'gha-creds-1.json': '', 'dist/a.tgz': '' }, []],
    ['a change that is not committed', { 'docs/page.md': '2' }, []],
    ['a folder whose name begins alike', { 'app2/x': '' }, []],
    ['the context', { 'app/main.c': '2', 'docs/page.md': '2' }, ['app/main.c']],
    ['a new file in it', { 'app/sub/new': '' }, ['app/sub/new']],
    ['the Dockerfile', { 'app/Dockerfile': 'FROM busybox\n' }, ['app/Dockerfile']],
    ['the configuration', { 'sea-trial.yml': `${yaml('app')}\n` }, ['sea-trial.yml']],
  ])('%s', async (_, changed, expected) => {
    const root = await repository(APP);
    await write(root, changed);
    expect(await dirtyOf(root)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    [
      'a context of another image',
      '{ context: app } }, { name: a/b, build: { context: docs }',
      'docs/page.md',
    ],
    ['a named context', '{ context: app, additional_contexts: { docs: docs } }', 'docs/page.md'],
    [
      'an OCI layout',
      '{ context: app, additional_contexts: { docs: "oci-layout://docs" } }',
      'docs/page.md',
    ],
    ['a context above', '{ context: ., dockerfile: app/Dockerfile }', 'docs/page.md'],
    ['a Dockerfile elsewhere', '{ context: app, dockerfile: ../docs/page.md }', 'docs/page.md'],
    ['its own list', '{ context: app, dockerfile: ../docs/x }', 'docs/x.dockerignore'],
  ])('%s is given to a build', async (_, build, change) => {
    const other = { 'docs/Dockerfile': 'FROM busybox:1.37\n', 'docs/x': 'FROM busybox:1.37\n' };
    const root = await repository({ ...APP, ...other, 'sea-trial.yml': yaml(build) });
    await write(root, { [change]: 'FROM busybox:1.36\n' });
    expect(await dirtyOf(root)).toEqual([change]);
  });

  test('what was moved out of a context has changed it', async () => {
    const root = await repository({
      ...APP,
      'app/main.c': 'a text that is long enough to be known again\n',
    });
    await git(root, 'mv', 'app/main.c', 'docs/main.c');
    expect(await dirtyOf(root)).toEqual(['app/main.c']);
  });

  test('of a context that is a link all changes count', async () => {
    const root = await folder(APP);
    await symlink('app', join(root, 'link'));
    await write(root, { 'sea-trial.yml': yaml('{ context: link }') });
    await git(root, 'init', '-q', '-b', 'main');
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'first');
    await write(root, { 'app/main.c': '2', 'docs/page.md': '2' });
    expect(await dirtyOf(root, { grants: ['contexts'] })).toEqual(['app/main.c', 'docs/page.md']);
  });

  describe('of a path elsewhere that a link leads back from, the changes count', () => {
    async function linked(build: (link: string) => string): Promise<string> {
      const root = await folder(APP);
      const link = join(root, '..', 'outside', 'link');
      await write(root, { '../outside/kept': '' });
      await symlink(join(root, 'docs'), link);
      await write(root, { 'sea-trial.yml': yaml(build(link)) });
      await git(root, 'init', '-q', '-b', 'main');
      await git(root, 'add', '-A');
      await git(root, 'commit', '-q', '-m', 'first');
      await write(root, { 'docs/page.md': '2', unseen: '' });
      return root;
    }

    test.each<[string, (link: string) => string]>([
      ['a named context', (link) => `{ context: app, additional_contexts: { docs: ${link} } }`],
      [
        'a layout',
        (link) => `{ context: app, additional_contexts: { docs: "oci-layout://${link}" } }`,
      ],
      ['a file', (link) => `{ context: app, dockerfile: ${link}/page.md }`],
    ])('%s', async (_, build) => {
      const root = await linked(build);
      const { source } = await planned(root, { grants: ['contexts'] });
      expect(source.dirty).toEqual(['docs/page.md']);
    });

    test('a checkout that is reached through a link itself', async () => {
      const root = await linked((link) => `{ context: ${join(link, '../../checkout/app')} }`);
      await write(root, { 'app/main.c': '2' });
      const other = join(root, '..', 'outside', 'checkout');
      await symlink(root, other);
      const { source } = await planned(other, { grants: ['contexts'] });
      expect(source.dirty).toEqual(['app/main.c']);
    });
  });

  test.each(['https://github.com/acme/a.git', 'gitea@host.example:acme/a.git'])(
    'of the address %s no change counts',
    async (address) => {
      const root = await repository({
        ...APP,
        'sea-trial.yml': yaml(`"${address}"`),
      });
      await write(root, { 'app/Dockerfile': 'x', Dockerfile: 'x' });
      expect(await dirtyOf(root)).toEqual([]);
    },
  );

  test('a submodule in a context is given as a whole', async () => {
    const inner = await repository({ file: '1' });
    const root = await repository({ ...APP, 'app/.dockerignore': 'lib/file\n' });
    await git(root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'app/lib');
    await git(root, 'commit', '-q', '-m', 'second');
    await write(root, { 'app/lib/file': '2' });
    expect(await dirtyOf(root)).toEqual(['app/lib']);
  });
});

test('a submodule of which a list keeps a part counts', async () => {
  const inner = await repository({ file: '1', other: '1' });
  const root = await repository({ ...APP, 'app/.dockerignore': 'lib\n!lib/file\n' });
  await git(root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'app/lib');
  await git(root, 'commit', '-q', '-m', 'second');
  await write(root, { 'app/lib/file': '2' });
  expect(await dirtyOf(root)).toEqual(['app/lib']);
});

describe('what a list leaves out', () => {
  const ignoring = (list: string, name = 'app/.dockerignore') =>
    repository({ ...APP, [name]: list });

  test.each<[string, Content, readonly string[]]>([
    ['gha-creds-*.json\nsub\n', { 'app/gha-creds-1.json': '', 'app/sub/deep.c': '2' }, []],
    ['sub\n!sub/deep.c\n', { 'app/sub/deep.c': '2', 'app/sub/new': '' }, ['app/sub/deep.c']],
    ['*\n', { 'app/main.c': '2', 'app/Dockerfile': 'FROM busybox\n' }, ['app/Dockerfile']],
    ['*\n', { 'app/.dockerignore': '*.c\n', 'app/new': '' }, ['app/.dockerignore', 'app/new']],
    ['*\n', { 'app/Dockerfile.rego': 'x', 'app/other.rego': 'x' }, ['app/Dockerfile.rego']],
  ])('%j', async (list, changed, expected) => {
    const root = await ignoring(list);
    await write(root, changed);
    expect(await dirtyOf(root)).toEqual(expected);
  });

  test('the one beside the Dockerfile comes first', async () => {
    const root = await ignoring('main.c\n', 'app/Dockerfile.dockerignore');
    await write(root, { 'app/main.c': '2', 'app/.dockerignore': 'sub\n', 'app/sub/deep.c': '2' });
    expect(await dirtyOf(root)).toEqual(['app/.dockerignore', 'app/sub/deep.c']);
  });

  test('does not keep a Dockerfile elsewhere, nor the list beside it', async () => {
    const root = await repository({
      ...APP,
      'sea-trial.yml': yaml('{ context: app, dockerfile: ../docker/D }'),
      'docker/D': 'FROM busybox:1.37\n',
    });
    const beside = ['docker/D', 'docker/D.dockerignore', 'docker/D.rego'];
    const text = 'FROM busybox:1.38\n';
    await write(root, {
      ...Object.fromEntries(beside.map((path) => [path, text])),
      'docker/E': '',
    });
    expect((await planned(root)).source.dirty).toEqual(beside);
  });

  test('only where no other image is given it', async () => {
    const second =
      '{ context: app }, platforms: [linux/amd64] }, { name: a/b, build: { context: app, dockerfile: second }';
    const root = await repository({
      ...APP,
      'sea-trial.yml': yaml(second),
      'app/second': 'FROM busybox:1.37\n',
      'app/.dockerignore': 'main.c\n',
      'app/second.dockerignore': 'sub\n',
    });
    await write(root, { 'app/main.c': '2', 'app/sub/deep.c': '2' });
    expect(await dirtyOf(root)).toEqual(['app/main.c', 'app/sub/deep.c']);
  });
});

describe('the file of a secret', () => {
  const SECRET = yaml('{ context: app, secrets: [{ id: n, file: conf/npmrc }] }');
  const given: Partial<Request> = { grants: ['secrets'] };

  test('that is in the commit counts, as a step may copy it', async () => {
    const root = await repository({ ...APP, 'sea-trial.yml': SECRET, 'conf/npmrc': '1' });
    await write(root, { 'conf/npmrc': '2', 'conf/other': '2' });
    expect(await dirtyOf(root, given)).toEqual(['conf/npmrc']);
  });

  test('that only this machine has does not count', async () => {
    const root = await repository({ ...APP, 'sea-trial.yml': SECRET });
    await write(root, { 'conf/npmrc': '2' });
    expect(await dirtyOf(root, given)).toEqual([]);
  });

  test('that an input gives counts too', async () => {
    const text = yaml('{ context: app, secrets: [{ id: n }] }');
    const root = await repository({ ...APP, 'sea-trial.yml': text, 'conf/npmrc': '1' });
    await write(root, { 'conf/npmrc': '2' });
    const secretSources = [{ id: 'n', file: 'conf/npmrc' }];
    const { source } = await planned(root, { ...given, secretSources });
    expect(source.dirty).toEqual(['conf/npmrc']);
  });

  test.each(['conf/npmrc', 'conf/real'])('that is a link counts with %s', async (changed) => {
    const root = await folder({ ...APP, 'sea-trial.yml': SECRET, 'conf/real': '1' });
    await symlink('real', join(root, 'conf/npmrc'));
    await git(root, 'init', '-q', '-b', 'main');
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'first');
    await rm(join(root, changed));
    await write(root, { [changed]: '2', 'docs/page.md': '2' });
    expect(await dirtyOf(root, given)).toEqual([changed]);
  });

  test('of a build with buildpacks counts as well', async () => {
    const build =
      "{ context: app, secrets: [{ id: n, file: conf/npmrc }], buildpack: { builder: 'b/b', run-image: 'b/run', bindings: { db: { type: t, k: n } } } }";
    const root = await repository({ ...APP, 'sea-trial.yml': yaml(build), 'conf/npmrc': '1' });
    await write(root, { 'conf/npmrc': '2' });
    expect(await dirtyOf(root, { grants: ['secrets', 'bindings'] })).toEqual(['conf/npmrc']);
  });
});

test('a build with buildpacks is given its whole folder, and what it names', async () => {
  const build =
    "{ context: app, buildpack: { builder: 'b/b', buildpacks: [./packs/one], run-image: 'b/run' } }";
  const root = await repository({
    ...APP,
    'app/.dockerignore': '*\n',
    'packs/one/buildpack.toml': 'api = "0.10"\n[buildpack]\nid = "a/one"\nversion = "1.0.0"\n',
    'sea-trial.yml': yaml(build),
  });
  await write(root, { 'app/main.c': '2', 'packs/one/new': '', 'docs/page.md': '2' });
  expect(await dirtyOf(root)).toEqual(['app/main.c', 'packs/one/new']);
});

test('where the configuration is wrong it is not known what is built, and all changes count', async () => {
  const root = await repository({ ...APP, 'sea-trial.yml': yaml('{ context: app, lables: {} }') });
  await write(root, { 'docs/page.md': '2' });
  expect(await problems(root, { push: true })).toEqual([
    expect.stringContaining('unknown key "lables"'),
    expect.stringContaining('does not hold them: docs/page.md. Commit'),
  ]);
});

test('the parity lock says what is built', async () => {
  const lock = writeLock(new Map([['greeter', imageLock()]]), undefined);
  const build = '{ context: app, buildpack: { builder: "heroku/builder:24" } }';
  const root = await repository({ ...APP, 'sea-trial.yml': yaml(build), 'sea-trial.lock': lock });
  await write(root, { 'sea-trial.lock': `${lock}\n`, 'docs/page.md': '2' });
  expect(await dirtyOf(root)).toEqual(['sea-trial.lock']);
});
