import { describe, expect, test } from '@jest/globals';
import { applicationFilter } from '../../src/buildpacks/index.js';

/* What github.com/sabhiram/go-gitignore says, by which pack divides files. */

describe('the files that a build gets', () => {
  test('are all, where nothing else is said', () => {
    const isBuilt = applicationFilter({});
    expect(['a', '.git/config'].filter(isBuilt)).toStrictEqual(['a', '.git/config']);
    expect(['a'].filter(applicationFilter({ include: [], exclude: [] }))).toStrictEqual(['a']);
  });

  test.each<[readonly string[], readonly string[], readonly string[]]>([
    [['node_modules/'], ['node_modules/a', 'x/node_modules/b/c'], ['node_modules', 'a']],
    [['node_modules'], ['node_modules', 'node_modules/a', 'x/node_modules'], ['node_modules2']],
    [['/build'], ['build', 'build/a'], ['x/build']],
    [['*.log'], ['a.log', 'x/a.log', 'a.log/b'], ['alog', 'a.logs']],
    [['docs/*.md'], ['docs/a.md'], ['x/docs/a.md', 'docs/a/b.md']],
    [['a/**/b'], ['a/b', 'a/x/y/b'], ['a/bc']],
    [['**/a'], ['a', 'x/y/a'], ['xa']],
    [['a/**'], ['a', 'a/b/c'], ['ab']],
    [['a?c'], ['a?c'], ['abc']],
    [['*.log', '!keep.log'], ['a.log'], ['keep.log']],
    [['!a', 'a'], ['a'], ['b']],
    [['/docs/*.md'], ['docs/a.md'], ['x/docs/a.md']],
    [['a/**/b'], ['a/b'], ['ab']],
    [['b**/a'], ['ba', 'bx/a'], ['bxa']],
    [['a/**b'], ['ab', 'a/x/b'], ['axb']],
    [['a\\*b'], ['a*b'], ['axb']],
    [['# a', '', '  ', 'b  '], ['b'], ['# a', 'a']],
    [['#a', 'b#'], ['b#'], ['#a', 'a', 'b']],
    [
      ['  x y', 'z'],
      ['x y', 'z'],
      ['xy', 'x', 'y'],
    ],
    [['a\r\r', 'b\rc'], ['a', 'b\rc'], ['bc']],
    [['*', '!#keep', '!!more'], ['a'], ['keep', 'more']],
    [['a', '!a/b', 'a/b/c'], ['a', 'a/b/c'], ['a/b']],
    [['\\#a'], [], ['x']],
    [['(', 'b'], ['b'], ['(', 'a']],
  ])('without %j: %j are left out, and %j are not', (exclude, out, rest) => {
    const isBuilt = applicationFilter({ exclude });
    expect([...out, ...rest].filter(isBuilt)).toStrictEqual(rest);
    const only = applicationFilter({ include: exclude });
    expect([...out, ...rest].filter(only)).toStrictEqual(out);
  });
});
