import { chmod, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseHidden } from '../../src/plan/hidden-changes.js';
import {
  type Content,
  git,
  planned,
  problems,
  removeFolders,
  repository,
  write,
} from './repository.js';

/* Changes that git is told not to show are seen all the same: a push would not hold them. */

afterEach(removeFolders);

const APP: Content = {
  'sea-trial.yml': 'images: [{ name: ghcr.io/acme/greeter }]\n',
  Dockerfile: 'FROM busybox:1.37\n',
  main: '1',
  'deep/er/file': '1',
};

async function dirtyOf(root: string) {
  const { source, notes } = await planned(root);
  const refused = await problems(root, { push: true });
  expect(refused).toHaveLength(source.dirty.length === 0 ? 0 : 1);
  return { dirty: source.dirty, note: notes.find((one) => one.includes('ls-files')) };
}

describe.each(['--assume-unchanged', '--skip-worktree'])('what is marked with %s', (mark) => {
  async function marked(...paths: readonly string[]): Promise<string> {
    const root = await repository(APP);
    await git(root, 'update-index', mark, ...paths);
    return root;
  }

  test('and is as it was has not changed', async () => {
    const root = await marked('main', 'deep/er/file');
    await write(root, { main: '1' });
    expect(await dirtyOf(root)).toEqual({ dirty: [], note: undefined });
  });

  test.each<[string, (root: string) => Promise<unknown>]>([
    ['text', (root) => write(root, { main: '2' })],
    ['mode', (root) => chmod(join(root, 'main'), 0o755)],
    [
      'kind',
      async (root) => {
        await rm(join(root, 'main'));
        await symlink('Dockerfile', join(root, 'main'));
      },
    ],
  ])('and has another %s has changed, which is told', async (_, change) => {
    const root = await marked('main', 'deep/er/file');
    await change(root);
    expect(await git(root, 'status', '--porcelain')).toBe('');
    expect(await dirtyOf(root)).toEqual({
      dirty: ['main'],
      note: 'git status shows no change of main, because git is told not to look (git ls-files -v has h or S before them); the run counts it as changed.',
    });
  });

  test('and is a link has changed with what it says', async () => {
    const root = await repository(APP);
    await symlink('main', join(root, 'link'));
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'second');
    await git(root, 'update-index', mark, 'link');
    expect((await dirtyOf(root)).dirty).toEqual([]);
    await rm(join(root, 'link'));
    await symlink('other', join(root, 'link'));
    expect((await dirtyOf(root)).dirty).toEqual(['link']);
  });

  test('and is not there has changed, unless the work tree need not have it', async () => {
    const root = await marked('main', 'deep/er/file');
    await rm(join(root, 'deep'), { recursive: true });
    const isSparse = mark === '--skip-worktree';
    expect((await dirtyOf(root)).dirty).toEqual(isSparse ? [] : ['deep/er/file']);
  });

  test('in a submodule is seen too', async () => {
    const inner = await repository({ file: '1', other: '1' });
    const root = await repository(APP);
    const allowed = ['-c', 'protocol.file.allow=always'];
    await git(root, ...allowed, 'submodule', 'add', '-q', inner, 'lib');
    await git(root, 'commit', '-q', '-m', 'second');
    await git(join(root, 'lib'), 'update-index', mark, 'file', 'other');
    await write(root, { 'lib/file': '2' });
    expect((await dirtyOf(root)).dirty).toEqual(['lib/file']);
  });
});

test('more files than one command is asked for are compared', async () => {
  const many = Object.fromEntries(Array.from({ length: 450 }, (_, i) => [`many/${i}`, `${i}`]));
  const root = await repository({ ...APP, ...many });
  await git(root, 'update-index', '--assume-unchanged', ...Object.keys(many));
  await write(root, { 'many/7': 'x', 'many/449': 'y' });
  expect((await dirtyOf(root)).dirty).toEqual(['many/449', 'many/7']);
});

test('a mode that git is configured not to compare has changed', async () => {
  const root = await repository(APP);
  await git(root, 'config', 'core.fileMode', 'false');
  await chmod(join(root, 'main'), 0o755);
  expect((await dirtyOf(root)).dirty).toEqual(['main']);
});

test('a change that leaves size and time as they were is seen', async () => {
  const root = await repository(APP);
  const main = join(root, 'main');
  const then = new Date('2020-01-02T03:04:05Z');
  await utimes(main, then, then);
  await git(root, 'config', 'core.trustctime', 'false');
  await git(root, 'config', 'core.checkStat', 'minimal');
  await git(root, 'update-index', '--refresh');
  await writeFile(`${main}.new`, '2');
  await utimes(`${main}.new`, then, then);
  await rename(`${main}.new`, main);
  expect(await git(root, 'status', '--porcelain')).toBe('');
  expect((await dirtyOf(root)).dirty).toEqual(['main']);
});

test.each<[string, ReturnType<typeof parseHidden>]>([
  ['', []],
  ['H 100644 ab 0\ta\0M 100644 ab 1\tb\0? c\0', []],
  [
    'h 100644 ab 0\ta b\0S 120000 cd 0\tc\td\0s 160000 ef 0\te\nf\0',
    [
      { path: 'a b', mode: '100644', hash: 'ab', mayLack: false },
      { path: 'c\td', mode: '120000', hash: 'cd', mayLack: true },
      { path: 'e\nf', mode: '160000', hash: 'ef', mayLack: true },
    ],
  ],
])('parseHidden(%j)', (text, expected) => {
  expect(parseHidden(text)).toEqual(expected);
});

test('where git cannot list its files, the whole checkout counts as changed', async () => {
  const root = await repository(APP);
  await write(root, { '.git/index': 'junk' });
  expect((await planned(root)).source.dirty).toEqual(['.']);
});
