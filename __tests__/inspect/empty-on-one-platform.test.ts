import { describe, expect, test } from '@jest/globals';
import type { File } from '../checks/inspected.js';
import { built, found, words } from './platforms.js';

const file = (path: string, size: number): File => ({ path, size });
const own = (platform: string, ...files: readonly File[]) => built(platform, [files]);

describe('empty on one platform', () => {
  test('and not on another is an error with both sizes and both layers', () => {
    const platforms = [
      built('linux/amd64', [[], [file('app/server.js', 26)]], 1),
      built('linux/arm64', [[], [file('app/server.js', 0)]], 1),
    ];
    expect(found(platforms)).toEqual([
      {
        code: 'empty-on-one-platform',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/app/server.js' },
        message: '/app/server.js is empty on linux/arm64 and has 26 bytes on linux/amd64.',
        found: {
          value: '0 bytes',
          from: 'linux/arm64, layer 2 of 2, COPY --from=build /out/app /usr/local/bin/app',
        },
        expected: {
          value: '26 bytes, as there',
          from: 'linux/amd64, layer 2 of 2, COPY --from=build /out/app /usr/local/bin/app',
        },
        detail: [],
        remedy: expect.any(String),
      },
    ]);
  });

  test('is one error for each platform with such files, which names five of them', () => {
    const sizes = (size: number) => Array.from({ length: 7 }, (_, at) => file(`app/${at}`, size));
    const platforms = [
      own('linux/amd64', ...sizes(1), file('only', 0)),
      own('linux/arm64', ...sizes(0), file('only', 8)),
      own('linux/s390x', ...sizes(2), file('only', 9)),
    ];
    expect(words(...platforms)).toEqual([
      'error empty-on-one-platform linux/amd64: /only is empty on linux/amd64 and has 8 bytes on linux/arm64, 9 bytes on linux/s390x.',
      'error empty-on-one-platform linux/arm64: /app/0 is empty on linux/arm64 and has 1 byte on linux/amd64, 2 bytes on linux/s390x; 6 other files are empty there too.',
    ]);
    expect(found(platforms)[1]?.detail).toEqual([
      ...[1, 2, 3, 4].map((at) => `/app/${at} has 1 byte on linux/amd64, 2 bytes on linux/s390x`),
      'and 2 more',
    ]);
  });

  test('is told where a link leads to an empty file on one alone', () => {
    const files = [file('nil', 0), file('full', 9)];
    const link = (path: string, target: string): File => ({ path, link: target });
    expect(
      words(
        own('linux/amd64', ...files, link('a', 'full'), link('b', 'nil'), file('c', 5)),
        own('linux/arm64', ...files, link('a', '/nil'), link('b', 'nil'), link('c', 'nil')),
      ),
    ).toEqual([
      'error empty-on-one-platform linux/arm64: /a is empty on linux/arm64 and has 9 bytes on linux/amd64; 1 other file is empty there too.',
      'note tree-differs: /c is a file on linux/amd64, a symlink on linux/arm64.',
    ]);
    const linked = (size: number) => [file('x', size), link('y', 'x')];
    expect(words(own('linux/amd64', ...linked(9)), own('linux/arm64', ...linked(0)))).toEqual([
      'error empty-on-one-platform linux/arm64: /x is empty on linux/arm64 and has 9 bytes on linux/amd64.',
    ]);
    const two = [link('z', 'x'), link('z', 'x2')] as const;
    const both = (size: number, at: number) => [file('x', size), file('x2', 9), two[at] ?? two[0]];
    expect(
      words(own('linux/amd64', ...both(9, 0)), own('linux/arm64', ...both(0, 0))),
    ).toHaveLength(1);
    expect(words(own('linux/amd64', ...both(9, 1)), own('linux/arm64', ...both(0, 0)))).toEqual([
      'error empty-on-one-platform linux/arm64: /x is empty on linux/arm64 and has 9 bytes on linux/amd64; 1 other file is empty there too.',
    ]);
    expect(words(own('linux/amd64', link('a', 'x')), own('linux/arm64', link('a', 'y')))).toEqual(
      [],
    );
  });

  test('is told where only the name of an architecture differs', () => {
    expect(
      words(
        own('linux/amd64', file('usr/lib/x86_64-linux-gnu/a.so', 9)),
        own('linux/arm64', file('usr/lib/aarch64-linux-gnu/a.so', 0)),
      ),
    ).toEqual([
      'error empty-on-one-platform linux/arm64: /usr/lib/aarch64-linux-gnu/a.so is empty on linux/arm64 and has 9 bytes on linux/amd64 as /usr/lib/x86_64-linux-gnu/a.so.',
    ]);
  });

  test.each<[string, File, File]>([
    ['empty on both', file('a', 0), file('a', 0)],
    ['of different sizes', file('a', 1), file('a', 2)],
    ['a log', file('var/log/dpkg.log', 0), file('var/log/dpkg.log', 9)],
    ['a cache', file('var/cache/ldconfig/aux-cache', 0), file('var/cache/ldconfig/aux-cache', 9)],
    ['of a run', file('run/lock', 0), file('run/lock', 9)],
    ['temporary', file('tmp/a', 0), file('tmp/a', 9)],
    ['a folder', { path: 'a', kind: 'directory', size: 0 }, { path: 'a', kind: 'directory' }],
  ])('says nothing of what is %s', (_, one, other) => {
    expect(found([own('linux/amd64', one), own('linux/arm64', other)])).toEqual([]);
  });

  test('means the folders at the root alone', () => {
    const [one, other] = [0, 9].map((size) => file('app/var/log/x', size)) as [File, File];
    expect(words(own('linux/amd64', one), own('linux/arm64', other))).toHaveLength(1);
  });

  test('says nothing of what the bases brought, but of what was written over it', () => {
    const base = (size: number) => [file('etc/a', size)];
    const amd64 = built('linux/amd64', [base(9)], 1);
    expect(words(amd64, built('linux/arm64', [base(0)], 1))).toEqual([]);
    expect(words(amd64, built('linux/arm64', [base(9), base(0)], 1))).toEqual([
      'error empty-on-one-platform linux/arm64: /etc/a is empty on linux/arm64 and has 9 bytes on linux/amd64.',
    ]);
  });

  test('looks at the file, not at one that another layer took away', () => {
    const layers = [[file('a', 0)], [{ path: '.wh.a' }], [file('a', 7)]];
    expect(words(built('linux/amd64', layers), own('linux/arm64', file('a', 7)))).toEqual([]);
  });
});
