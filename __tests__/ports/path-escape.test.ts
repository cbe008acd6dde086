import { describe, expect, test } from '@jest/globals';
import {
  containsSymlink,
  type Files,
  linksStayInside,
  pathEscape,
  realPath,
} from '../../src/ports/index.js';

/** A tree of folders, files (`''`) and links (their targets), by absolute path. */
function tree(content: Readonly<Record<string, string>>): Files {
  const at = (path: string) => {
    const target = content[path];
    if (target !== undefined) return target === '' ? 'file' : 'symlink';
    return Object.keys(content).some((one) => one.startsWith(`${path}/`)) ? 'directory' : undefined;
  };
  const files: Partial<Files> = {
    async look(path) {
      const kind = at(path);
      return kind && { kind, size: 0, mode: 0o644, modified: 0n };
    },
    target: async (path) => content[path] ?? '',
    async list(path) {
      if (path === '/work/closed') throw new Error('EACCES');
      const inside = Object.keys(content).filter((one) => one.startsWith(`${path}/`));
      return [...new Set(inside.map((one) => one.slice(path.length + 1).split('/')[0] ?? ''))];
    },
  };
  return files as Files;
}

describe('a path leaves the workspace', () => {
  const files = tree({
    '/work/app/file': '',
    '/work/app/link': '/etc',
    '/work/link': '/etc',
    '/work/..data/file': '',
  });

  test.each([
    ['file', undefined],
    ['.', undefined],
    ['../app/file', undefined],
    ['..', undefined],
    ['../..data/file', undefined],
    ['../..', 'outside'],
    ['../../work', undefined],
    ['../../other', 'outside'],
    ['/etc', 'outside'],
    ['/work', undefined],
    ['/workshop', 'outside'],
    ['link', 'link'],
    ['link/hosts', 'link'],
    ['../link/x', 'link'],
    ['gone/link', undefined],
  ])('%s: %s', async (path, how) => {
    expect(await pathEscape(path, { root: '/work/app', workspace: '/work', files })).toBe(how);
  });
});

test.each([
  ['plain', false],
  ['plain/file', false],
  ['holds', true],
  ['deep', true],
  ['link', true],
  ['gone', false],
  // What cannot be listed here cannot be by buildx.
  ['closed', false],
])('%s is or holds a link: %s', async (path, expected) => {
  const files = tree({
    '/work/plain/file': '',
    '/work/holds/a': '',
    '/work/holds/link': '/etc',
    '/work/deep/a/b/link': 'x',
    '/work/link': 'plain',
    '/work/closed/link': '/etc',
  });
  expect(await containsSymlink(path, { root: '/work', files })).toBe(expected);
});

describe('links on the way to a path in a folder', () => {
  const loop = Object.fromEntries([...Array(41).keys()].map((at) => [`/f/l${at}`, `l${at + 1}`]));
  const files = tree({
    '/f/file': '',
    '/f/sub/file': '',
    '/f/to-file': 'file',
    '/f/sub/up': '../file',
    '/f/sub/out': '../../etc',
    '/f/sub/around': '../sub/./up',
    '/f/folder': 'sub',
    '/f/absolute': '/f/file',
    '/f/again': 'folder/out',
    ...loop,
    '/f/l41': '',
  });

  test('do not count where the folder itself is one', async () => {
    const linked = tree({ '/f': '/elsewhere', '/f/file': '' });
    expect(await linksStayInside('/f', './/file', linked)).toBe(true);
  });

  test.each([
    ['file', true],
    ['sub/file', true],
    ['./sub//file', true],
    ['sub/../file', true],
    ['..', false],
    ['sub/../../x', false],
    ['sub//../../x', false],
    ['sub/./../../x', false],
    ['to-file', true],
    ['sub/up', true],
    ['sub/around', true],
    ['sub/out', false],
    ['folder/file', true],
    ['folder/up', true],
    ['again', false],
    ['absolute', false],
    ['gone', true],
    // As many as the kernel follows, and one more.
    ['l1', true],
    ['l0', false],
  ])('%s lead to places in that folder: %s', async (path, expected) => {
    expect(await linksStayInside('/f', path, files)).toBe(expected);
  });
});

test.each<[string, string, readonly string[]]>([
  ['/a/file', '/a/file', []],
  ['/a/./b/../file', '/a/file', []],
  ['/gone/x', '/gone/x', []],
  ['/', '/', []],
  ['/a/up/b', '/b', ['/a/up']],
  ['/a/up/../b', '/b', ['/a/up']],
  ['/far/deep/x', '/a/deep/x', ['/far']],
  ['/twice/x', '/a/deep/x', ['/twice', '/far']],
  ['/a/home/x', '/gone/x', ['/a/home']],
  ['/a/folder/x', '/a/deep/x', ['/a/folder']],
])('%s is really %s', async (path, expected, links) => {
  const files = tree({
    '/a/file': '',
    '/a/up': '..',
    '/a/home': '/gone',
    '/a/folder': 'deep/',
    '/a/deep/x': '',
    '/far': '/a/',
    '/twice': 'far/deep',
  });
  expect(await realPath(path, files)).toEqual({ path: expected, links });
});

test('links that lead in a circle come to an end', async () => {
  const { links } = await realPath('/round/x', tree({ '/round': '/other', '/other': 'round' }));
  expect(links).toHaveLength(40);
});
