import { describe, expect, test } from '@jest/globals';
import { launched, launchedByText } from '../../src/contents/command-programs.js';

const PROGRAMS = [
  'app',
  '/opt/app',
  'sh',
  'env',
  'timeout',
  'cat',
  'test',
  '/lib/ld-musl-x86_64.so.1',
];
const isProgram = (word: string) => PROGRAMS.includes(word);

describe('the programs that a test runs', () => {
  test.each<[readonly string[], readonly string[]]>([
    [[], []],
    [['app', 'cat'], ['app']],
    [
      ['sh', '-c', 'cd / && app'],
      ['sh', 'app'],
    ],
    [['sh', '/script', 'app'], ['sh']],
    [
      ['/bin/busybox', 'sh', '-ec', 'app'],
      ['/bin/busybox', 'sh', 'app'],
    ],
    [
      ['env', '-i', 'A=1', 'app', 'cat'],
      ['env', 'app'],
    ],
    [
      ['timeout', '5', 'env', 'sh', '-c', '"$(app)"'],
      ['timeout', 'env', 'sh', 'app'],
    ],
    [
      ['timeout', '5', 'test', '-x', '/opt/app'],
      ['timeout', 'test'],
    ],
    [
      ['/lib/ld-musl-x86_64.so.1', '/opt/app'],
      ['/lib/ld-musl-x86_64.so.1', '/opt/app'],
    ],
    [['test', '-x', '/opt/app'], ['test']],
    [['nice'], ['nice']],
  ])('of %j', (words, expected) => {
    expect(launched(words, isProgram)).toStrictEqual(expected);
  });

  test('are no options', () => {
    expect(launched(['env', '-i', 'app-', 'cat'], () => true)).toStrictEqual(['env', 'app-']);
    expect(launched(['env', '-i'], () => true)).toStrictEqual(['env']);
  });

  test.each(['/lib/ld-linux-aarch64.so.1', '/lib64/ld-linux-x86-64.so.2', 'ld.so', 'ld-2.31.so'])(
    'of the loader %s',
    (loader) => {
      expect(launched([loader, 'app'], isProgram)).toStrictEqual([loader, 'app']);
    },
  );

  test.each(['/lib/ld.sox', 'xld.so', 'ld.so.x'])('of %s, which is no loader', (program) => {
    expect(launched([program, 'app'], isProgram)).toStrictEqual([program]);
  });

  test('of a very long line, as far as it is looked at', () => {
    expect(launched(Array(100_000).fill('env'), isProgram)).toHaveLength(1000);
  });

  test.each<[string, readonly string[]]>([
    ['timeout 5 app', ['timeout', 'app']],
    ['env "A=x\ny" app', ['env', 'app']],
    ['echo x | xargs app', ['xargs', 'app']],
    [`sh -c 'test "$(app)" = ok'`, ['sh', 'app']],
    ['test -x /opt/app', []],
    ["cat <<X\ndon't\nX\napp", ['app']],
    ['test "$(\napp\n)" = ok', ['app']],
  ])('of the text %j', (text, expected) => {
    expect(launchedByText(text, isProgram)).toStrictEqual(expect.arrayContaining([...expected]));
    if (expected.length === 0) expect(launchedByText(text, isProgram)).toStrictEqual([]);
  });
});
