import { expect, test } from '@jest/globals';
import { ignoredBy } from '../../src/dockerfile/index.js';

// The rows follow moby/patternmatcher's own; "a/b" is ignored where a folder above it is.
test.each<[string, string, boolean]>([
  ['*', 'fileutils.go', true],
  ['*.go', 'fileutils.go', true],
  ['*.go', 'a/fileutils.go', false],
  ['**', 'a/b', true],
  ['**/', 'a/b', true],
  ['**/*.go', 'fileutils.go', true],
  ['**/*.go', 'a/b/fileutils.go', true],
  ['**/file', 'a/nofile', false],
  ['dir/**', 'dir/file', true],
  ['dir/**', 'dir', false],
  ['**/dir2/*', 'dir/dir2/file', true],
  ['**/dir2/*', 'dir2/file', true],
  ['**/**/dir2/*', 'a/b/dir2/file', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'a/xb', false],
  ['a**b', 'a/x/b', true],
  ['a**b', 'axb', false],
  ['dir', 'dir/a/b', true],
  ['/dir/', 'dir/a', true],
  ['./dir', 'dir', true],
  ['a/../dir', 'dir', true],
  ['docs/?', 'docs/a', true],
  ['docs?a', 'docs/a', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['a[[]b', 'a[b', true],
  ['\\*x', '*x', true],
  ['\\*x', 'ax', false],
  ['.gitignore', 'xgitignore', false],
  ['# dir', 'dir', false],
  [' dir ', 'dir', true],
  ['*\n!a', 'a', false],
  ['*\n!a', 'a/b', false],
  ['dir\n!dir/keep', 'dir/keep', false],
  ['dir\n!dir/keep', 'dir/other', true],
  ['!a\n*', 'a', true],
  ['\uFEFFdir', 'dir', true],
  ['dir\r\n', 'dir', true],
])('%j and %s', (text, path, ignored) => {
  expect(ignoredBy(text, path) !== undefined).toBe(ignored);
});

test('the line that decides is named', () => {
  expect(ignoredBy('# all\n*\n!src\nsrc/*.yml\n', 'src/a.yml')).toEqual({
    line: 4,
    text: 'src/*.yml',
  });
});

test('no pattern makes a search long', () => {
  const began = performance.now();
  ignoredBy(`${'*a'.repeat(400)}b\n${'**/'.repeat(300)}b`, 'a'.repeat(4000));
  expect(performance.now() - began).toBeLessThan(5_000);
});
