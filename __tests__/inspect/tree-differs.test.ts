import { describe, expect, test } from '@jest/globals';
import { type File, layer } from '../checks/inspected.js';
import { built, found, words } from './platforms.js';

const own = (platform: string, ...files: readonly File[]) => built(platform, [files]);
const folder = (path: string): File => ({ path, kind: 'directory' });
const files = (...paths: readonly string[]): readonly File[] => paths.map((path) => ({ path }));

describe('trees that differ', () => {
  test('are one note, which names folders with all that is below them once', () => {
    expect(
      found([
        own('linux/amd64', folder('opt'), ...files('opt/tool/a', 'opt/tool/b/c', 'opt/tool/b/d')),
        own('linux/arm64', folder('opt'), ...files('srv/x', 'srv/y')),
      ]),
    ).toEqual([
      {
        code: 'tree-differs',
        severity: 'note',
        subject: { image: 'greeter', path: '/opt/tool' },
        message:
          '/opt/tool is only on linux/amd64, with what is in it: /opt/tool/a, /opt/tool/b, /opt/tool/b/c and 1 more; 1 more such difference.',
        detail: ['/srv is only on linux/arm64, with what is in it: /srv/x and /srv/y'],
        remedy: 'Nothing, if it is intended.',
      },
    ]);
  });

  test('are counted where the note names one of them', () => {
    const folders = ['a', 'b', 'c'].map(folder);
    const platforms = [
      own('linux/amd64', ...folders, ...files('a/x', 'b/x', 'c/x')),
      own('linux/arm64', ...folders),
    ];
    expect(words(...platforms)).toEqual([
      'note tree-differs: /a/x is only on linux/amd64; 2 more such differences.',
    ]);
  });

  test('are told of a path of another kind, without what is below it', () => {
    const platforms = [
      own('linux/amd64', { path: 'app', link: 'opt/app' }),
      own('linux/arm64', folder('app'), ...files('app/a', 'app/b')),
    ];
    expect(words(...platforms)).toEqual([
      'note tree-differs: /app is a symlink on linux/amd64, a folder on linux/arm64, with what is in it: /app/a and /app/b.',
    ]);
  });

  test('are named up to four, and the rest is counted', () => {
    const folders = Array.from({ length: 6 }, (_, at) => folder(`${at}`));
    const paths = folders.map(({ path }) => `${path}/x`);
    const of = (count: number) => {
      const platforms = [
        own('linux/amd64', ...folders, ...files(...paths.slice(0, count))),
        own('linux/arm64', ...folders),
      ];
      return found(platforms)[0]?.detail;
    };
    const lines = paths.map((path) => `/${path} is only on linux/amd64`);
    expect(of(4)).toStrictEqual(lines.slice(1, 4));
    expect(of(5)).toStrictEqual([...lines.slice(1, 4), 'and 1 more']);
    expect(of(6)).toStrictEqual([...lines.slice(1, 4), 'and 2 more']);
  });

  test('say nothing of kinds where the names differ too', () => {
    const link = { path: 'lib/aarch64-linux-gnu/libz.so.1', link: '/opt/libz' };
    const platforms = [
      own('linux/amd64', ...files('lib/x86_64-linux-gnu/libz.so.1', 'opt/libz')),
      own('linux/arm64', link, ...files('opt/libz')),
    ];
    expect(found(platforms)).toEqual([]);
  });

  test('have three paths of a folder by name', () => {
    const of = (count: number) => {
      const paths = files(...['a', 'b', 'c', 'd', 'e'].slice(0, count));
      return words(own('linux/amd64', ...paths, ...files('z')), own('linux/arm64', ...files('z')));
    };
    expect([3, 4, 5].map((count) => of(count)[0])).toEqual([
      'note tree-differs: /a, /b and /c are only on linux/amd64.',
      'note tree-differs: /a, /b, /c and 1 more are only on linux/amd64.',
      'note tree-differs: /a, /b, /c and 2 more are only on linux/amd64.',
    ]);
    const both = [folder('x'), folder('y'), ...files('x/1', 'y/1')];
    expect(words(own('linux/amd64', ...both), own('linux/arm64'))).toEqual([
      'note tree-differs: /x and /y are only on linux/amd64, with what is in them: /x/1 and /y/1.',
    ]);
  });

  test.each([
    ['lib/x86_64-linux-gnu/libz.so.1', 'lib/aarch64-linux-gnu/libz.so.1'],
    ['lib64/ld-linux-x86-64.so.2', 'lib/ld-linux-aarch64.so.1'],
    ['lib/ld-musl-x86_64.so.1', 'lib/ld-musl-aarch64.so.1'],
    ['var/lib/dpkg/info/libc6:amd64.list', 'var/lib/dpkg/info/libc6:arm64.list'],
    ['usr/lib/a.cpython-311-x86_64-linux-gnu.so', 'usr/lib/a.cpython-311-aarch64-linux-gnu.so'],
    [
      'app/node_modules/@esbuild/linux-x64/esbuild',
      'app/node_modules/@esbuild/linux-arm64/esbuild',
    ],
    ['usr/lib/python3/__pycache__/a.pyc', 'usr/lib/python3/a.pyc'],
    ['var/log/a', 'var/cache/b'],
    ['root/.cache/go-build/2f/2fce-d', 'root/.cache/go-build/62/62f9-d'],
    [
      'root/.npm/_logs/2026-11-29T14_00_00_000Z-debug-0.log',
      'root/.npm/_logs/2026-11-29T14_01.log',
    ],
  ])('say nothing of %s beside %s', (one, other) => {
    expect(found([own('linux/amd64', ...files(one)), own('linux/arm64', ...files(other))])).toEqual(
      [],
    );
  });

  test('say nothing of /lib64 beside /lib, of a base, and where a layer could not be read', () => {
    const lib = folder('lib');
    expect(words(own('linux/amd64', lib, folder('lib64')), own('linux/arm64', lib))).toEqual([]);
    const base = built('linux/amd64', [files('etc/a')], 1);
    expect(words(base, built('linux/arm64', [[]], 1))).toEqual([]);
    const unread = built('linux/arm64', [layer([], ['the gzip stream is damaged'])]);
    expect(words(own('linux/amd64', ...files('a')), unread)).toEqual([]);
  });

  test('have one entry each in several platforms', () => {
    const platforms = ['amd64', 'arm64', 's390x'].map((name) =>
      own(`linux/${name}`, ...files('a', `lib/${name}/z`), ...(name === 'arm64' ? [] : files('b'))),
    );
    expect(words(...platforms)).toEqual([
      'note tree-differs: /b is only on linux/amd64, linux/s390x.',
    ]);
  });
});
