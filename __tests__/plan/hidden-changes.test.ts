import { exec } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { hiddenChanges, hiddenIn, parseHidden } from '../../src/plan/hidden-changes.js';
import type { Files } from '../../src/ports/index.js';
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

  test('and may be executed has not changed', async () => {
    const root = await repository(APP);
    await chmod(join(root, 'main'), 0o755);
    await git(root, 'commit', '-q', '-a', '-m', 'second');
    await git(root, 'update-index', mark, 'main');
    expect(await dirtyOf(root)).toEqual({ dirty: [], note: undefined });
    await chmod(join(root, 'main'), 0o644);
    expect((await dirtyOf(root)).dirty).toEqual(['main']);
  });

  test('and is a submodule counts as changed, since its commit is not compared', async () => {
    const inner = await repository({ file: '1' });
    const root = await repository(APP);
    const allowed = ['-c', 'protocol.file.allow=always'];
    await git(root, ...allowed, 'submodule', 'add', '-q', inner, 'lib');
    await git(root, 'commit', '-q', '-m', 'second');
    await git(root, 'update-index', mark, 'lib');
    await git(join(root, 'lib'), 'commit', '-q', '--allow-empty', '-m', 'second');
    expect(await git(root, 'status', '--porcelain')).toBe('');
    expect(await dirtyOf(root)).toEqual({
      dirty: ['lib'],
      note: 'git status shows no change of lib, because git is told not to look (git ls-files -v has h or S before them); the run counts it as changed.',
    });
    await rm(join(root, 'lib'), { recursive: true });
    const isSparse = mark === '--skip-worktree';
    expect((await dirtyOf(root)).dirty).toEqual(isSparse ? [] : ['lib']);
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

test('a link that has become a file has changed', async () => {
  const root = await repository(APP);
  await symlink('main', join(root, 'link'));
  await git(root, 'add', '-A');
  await git(root, 'commit', '-q', '-m', 'second');
  await git(root, 'update-index', '--assume-unchanged', 'link');
  await rm(join(root, 'link'));
  await write(root, { link: 'main' });
  expect((await dirtyOf(root)).dirty).toEqual(['link']);
});

test('git is asked for the content of two hundred files at once, and not of more', async () => {
  const hash = 'a'.repeat(40);
  const hidden = Array.from({ length: 401 }, (_, at) => {
    return { path: `f${at}`, mode: '100644', hash, mayLack: false };
  });
  const asked: number[] = [];
  const hashes = async (...words: readonly string[]) => {
    const paths = words.slice(words.indexOf('--') + 1);
    asked.push(paths.length);
    return paths.map((path) => (path === 'f400' ? 'other' : hash)).join('\n');
  };
  const file = { kind: 'file', size: 1, modified: 0n, mode: 0o644 } as const;
  const files = { look: async () => file } as unknown as Files;
  expect(await hiddenChanges(hidden, hashes, '/work', { files })).toStrictEqual(['f400']);
  expect(asked).toStrictEqual([200, 200, 1]);
});

test('files whose content git cannot tell count as changed', async () => {
  const one = { path: 'f', mode: '100644', hash: 'a'.repeat(40), mayLack: false };
  const file = { kind: 'file', size: 1, modified: 0n, mode: 0o644 } as const;
  const files = { look: async () => file } as unknown as Files;
  expect(await hiddenChanges([one], async () => undefined, '/work', { files })).toStrictEqual([
    'f',
  ]);
});

test('a link that is hidden is compared in a repository with SHA-256, too', async () => {
  const root = await folder(APP);
  await git(root, 'init', '-q', '-b', 'main', '--object-format=sha256');
  await symlink('main', join(root, 'link'));
  await git(root, 'add', '-A');
  await git(root, 'commit', '-q', '-m', 'first');
  await git(root, 'update-index', '--assume-unchanged', 'link', 'main');
  expect((await dirtyOf(root)).dirty).toEqual([]);
  await rm(join(root, 'link'));
  await symlink('other', join(root, 'link'));
  expect((await dirtyOf(root)).dirty).toEqual(['link']);
});

describe('a name that is not UTF-8', () => {
  const NAME = Buffer.from('caf\xe9', 'latin1');
  const inside = (root: string) => Buffer.concat([Buffer.from(`${root}/deep/`), NAME]);
  const COUNTED =
    'git status shows no change of deep/caf\uFFFD, because git is told not to look (git ls-files -v has h or S before it), and its name is not UTF-8, so that it cannot be compared; the run counts it as changed.';

  async function marked(mark: string): Promise<string> {
    const root = await repository({ ...APP, 'deep/other': '1' });
    await writeFile(inside(root), '1');
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'second');
    await promisify(exec)(`git update-index ${mark} "$(printf 'deep/caf\\351')"`, { cwd: root });
    return root;
  }

  test.each(['--assume-unchanged', '--skip-worktree'])(
    'counts as changed with %s, which is told',
    async (mark) => {
      const root = await marked(mark);
      await writeFile(inside(root), 'evil');
      expect(await git(root, 'status', '--porcelain')).toBe('');
      expect(await dirtyOf(root)).toEqual({ dirty: ['deep/caf\uFFFD'], note: COUNTED });
    },
  );

  test.each<[string, (root: string) => Promise<unknown>]>([
    ['its file', (root) => unlink(inside(root))],
    ['its folder', (root) => rm(join(root, 'deep'), { recursive: true })],
  ])('has not changed where the work tree need not have %s', async (_, remove) => {
    const root = await marked('--skip-worktree');
    await git(root, 'update-index', '--skip-worktree', 'deep/other', 'deep/er/file');
    await remove(root);
    expect((await dirtyOf(root)).dirty).toEqual([]);
  });

  test('is counted with others of that kind', async () => {
    const root = await repository(APP);
    const files = '"$(printf \'caf\\351\')" "$(printf \'th\\351\')"';
    const run = (command: string) => promisify(exec)(command, { cwd: root });
    await run(`touch ${files}; git add -A`);
    await git(root, 'commit', '-q', '-m', 'second');
    await run(`git update-index --assume-unchanged ${files}`);
    expect(await dirtyOf(root)).toEqual({
      dirty: ['caf\uFFFD', 'th\uFFFD'],
      note: 'git status shows no change of caf\uFFFD, th\uFFFD, because git is told not to look (git ls-files -v has h or S before them), and their names are not UTF-8, so that they cannot be compared; the run counts them as changed.',
    });
  });

  test('of a folder counts for the files in it', async () => {
    const root = await repository(APP);
    await mkdir(Buffer.concat([Buffer.from(`${root}/`), NAME]));
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), NAME, Buffer.from('/in')]), '1');
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'second');
    const file = '"$(printf \'caf\\351/in\')"';
    await promisify(exec)(`git update-index --skip-worktree ${file}; printf 2 >${file}`, {
      cwd: root,
    });
    expect((await dirtyOf(root)).dirty).toEqual(['caf\uFFFD/in']);
  });
});

describe('objects that git replace puts in the place of others', () => {
  test('do not hide what the commit that is pushed does not hold', async () => {
    const root = await repository(APP);
    const first = await git(root, 'rev-parse', 'HEAD');
    await write(root, { main: '2' });
    await git(root, 'commit', '-q', '-a', '-m', 'second');
    const second = await git(root, 'rev-parse', 'HEAD');
    await git(root, 'reset', '-q', '--soft', first);
    await git(root, 'replace', first, second);
    expect(await git(root, 'status', '--porcelain')).toBe('');
    expect((await dirtyOf(root)).dirty).toEqual(['main']);
  });

  test('do not hide it in a submodule either', async () => {
    const inner = await repository({ file: '1' });
    const root = await repository(APP);
    const allowed = ['-c', 'protocol.file.allow=always'];
    await git(root, ...allowed, 'submodule', 'add', '-q', inner, 'lib');
    await git(root, 'commit', '-q', '-m', 'second');
    const lib = join(root, 'lib');
    const first = await git(lib, 'rev-parse', 'HEAD');
    await write(lib, { file: '2' });
    await git(lib, 'commit', '-q', '-a', '-m', 'second');
    const second = await git(lib, 'rev-parse', 'HEAD');
    await git(lib, 'reset', '-q', '--soft', first);
    await git(lib, 'replace', first, second);
    expect(await git(root, 'status', '--porcelain')).toBe('');
    expect((await dirtyOf(root)).dirty).toEqual(['lib']);
  });

  test.each(['main', 'deep'])(
    'count as any change where they are the content of %s',
    async (path) => {
      const root = await repository(APP);
      const first = await git(root, 'rev-parse', `HEAD:${path}`);
      await write(root, { main: '2', 'deep/er/file': '2' });
      await git(root, 'commit', '-q', '-a', '-m', 'second');
      await git(root, 'replace', first, `HEAD:${path}`);
      await git(root, 'reset', '-q', '--hard', 'HEAD~');
      const { source, notes } = await planned(root);
      expect(source.dirty).toEqual(['.']);
      expect(notes).toContainEqual(
        'git reads other content than the commit holds (git replace --list): the whole checkout counts as changed.',
      );
    },
  );

  test('are no change where only the history is another', async () => {
    const root = await repository(APP);
    await git(root, 'commit', '-q', '--allow-empty', '-m', 'second');
    await git(root, 'replace', '--graft', 'HEAD');
    expect((await dirtyOf(root)).dirty).toEqual([]);
  });
});

describe('a file that git does not have', () => {
  test.each(['.git/info/exclude', '../ignored'])(
    'counts as changed where only %s hides it',
    async (list) => {
      const root = await repository({ ...APP, '.gitignore': 'cache\n' });
      await git(root, 'config', 'core.excludesFile', join(root, '../ignored'));
      await write(root, { [list]: 'local*\n', local: '1', 'deep/local/x': '1', 'cache/x': '1' });
      expect(await git(root, 'status', '--porcelain')).toBe('');
      expect((await dirtyOf(root)).dirty).toEqual(['deep/local/x', 'local']);
    },
  );
});

test.each<[number, string]>([
  [5, 'many/0, many/1, many/2, many/3, many/4,'],
  [6, 'many/0, many/1, many/2, many/3, many/4 and 1 more,'],
])('of %i changes that are hidden the first are named', async (count, names) => {
  const many = Object.fromEntries(Array.from({ length: count }, (_, i) => [`many/${i}`, '1']));
  const root = await repository({ ...APP, ...many });
  await git(root, 'update-index', '--assume-unchanged', ...Object.keys(many));
  await write(root, Object.fromEntries(Object.keys(many).map((path) => [path, '2'])));
  expect((await dirtyOf(root)).note).toBe(
    `git status shows no change of ${names} because git is told not to look (git ls-files -v has h or S before them); the run counts them as changed.`,
  );
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

test('a submodule that is in both lists of git is one file, and others of the second list are none', () => {
  const lib = 'h 160000 ef 0\tlib\0';
  const main = 'h 100644 ab 0\tmain\0';
  const submodule = { path: 'lib', mode: '160000', hash: 'ef', mayLack: false };
  const file = { path: 'main', mode: '100644', hash: 'ab', mayLack: false };
  expect(hiddenIn(main, lib + main)).toStrictEqual([file, submodule]);
  expect(hiddenIn(main + lib, lib + main)).toStrictEqual([file, submodule]);
  expect(hiddenIn('', main)).toStrictEqual([]);
});

test('where git cannot list its files, the whole checkout counts as changed', async () => {
  const root = await repository(APP);
  await write(root, { '.git/index': 'junk' });
  expect((await planned(root)).source.dirty).toEqual(['.']);
});
