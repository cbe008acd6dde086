import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultyLine, ignoredBy, isCertain } from '../../src/dockerfile/index.js';

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

describe('a list is read as the builder reads it', () => {
  // Each row was given to moby/patternmatcher and tonistiigi/fsutil.
  test.each<[string, string, boolean]>([
    ['../sub', 'sub', false],
    ['a/../../sub', 'sub', false],
    ['/../sub', 'sub', true],
    ['.', 'a', false],
    ['/', 'a', false],
    ['//a', 'a', true],
    ['! a', 'a', false],
    ['*\n! a/', 'a/b', false],
    ['!!a', '!a', false],
    ['\\!a', '!a', true],
    ['\\#a', '#a', true],
    [' #a', '#a', true],
    ['#a', '#a', false],
    ['a b', 'a b', true],
    ['\u00a0a\u0085', 'a', true],
    ['\uFEFF#a\na', 'a', true],
    ['**.c', 'a.c', true],
    ['**.c', 'a/b.c', true],
    ['**.c', 'a/b.cc', false],
    ['a**', 'ab/c', true],
    ['a/**', 'a', false],
    ['a/**', 'a/b/c', true],
    ['**a', 'ba', true],
    ['**/a/**', 'a/b', true],
    ['***', 'a/b', true],
    ['a\\d', 'a1', true],
    ['a\\d', 'ad', false],
    ['a.b*', 'axb', false],
    ['a|b*', 'a/c', true],
    ['a{2}*', 'aab', true],
    ['a{2}', 'a{2}', true],
    ['^a*', 'a', true],
    ['^a', '^a', true],
    ['[!a]', '!', true],
    ['[!a]', 'b', false],
    ['[[:alpha:]]', 'b', true],
    ['a\n!a/b\na', 'a/b', false],
    ['a\n!a/b\na', 'a/c', true],
    ['!a\na\n!a/b\na/b/c', 'a/b/c', true],
    ['e/x\n!e/*/**', 'e/x/f', true],
    ['e/x\n!e/*/f', 'e/x/f', false],
  ])('%j and %s', (text, path, ignored) => {
    expect(ignoredBy(text, path) !== undefined).toBe(ignored);
    expect(faultyLine(text)).toBeUndefined();
  });

  test.each(['[', 'a[', '[]a]', '[^]', '[a-]', '[-a]', 'a\\', '[z-a]', '!', '!/', '! ', '\\1'])(
    'that it cannot read %j is told by its line',
    (pattern) => {
      const text = `# one\r\nb\r\n${pattern}\r\nc[\r\n`;
      expect(faultyLine(text)).toEqual({ line: 3, text: pattern.trim() });
      expect(isCertain(text)).toBe(false);
    },
  );

  test.each(['a/**a[?', '[[a]', '[^^]', '[a\\]]', 'a]', '[\\-]', '{', 'a|b', '!a', '[*]'])(
    'that it can read %j is told too',
    (pattern) => {
      expect(faultyLine(pattern)).toBeUndefined();
      expect(isCertain(pattern)).toBe(true);
    },
  );

  test.each([
    ['a line that is too long', 'a'.repeat(1001)],
    ['too many lines', '#\n'.repeat(2001)],
  ])('nothing is certain of %s', (_, text) => {
    expect(isCertain(text)).toBe(false);
  });
});

describe('whatever a list holds', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'a.b', 'x');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  const piece = fc.constantFrom(
    ...['a', 'b', '/', '*', '**', '?', '!', '.', '..', '[ab]', '[', ']', '\\', ' ', '#', '-', '|'],
  );
  const line = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  const lines = fc.array(line, { maxLength: 5 });

  test('a line that decides is one of its lines, and no exception', () => {
    fc.assert(
      fc.property(lines, path, (list, one) => {
        const found = ignoredBy(list.join('\n'), one);
        if (found === undefined) return;
        expect(list[found.line - 1]?.trim()).toBe(found.text);
        expect(found.text.startsWith('!')).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test('comments, empty lines and carriage returns change nothing', () => {
    fc.assert(
      fc.property(lines, path, (list, one) => {
        const kept = list.filter((text) => text !== '' && !text.startsWith('#'));
        const is = (text: string) => ignoredBy(text, one) !== undefined;
        expect(is(`\uFEFF# x\r\n\r\n${list.join('\r\n')}\r\n`)).toBe(is(kept.join('\n')));
      }),
    );
  });

  test('a path is left out for its own name, and sent for an exception of it, last', () => {
    fc.assert(
      fc.property(lines, path, (list, one) => {
        expect(
          ignoredBy([one, ...list.filter((text) => !text.includes('!'))].join('\n'), one),
        ).toBeDefined();
        expect(ignoredBy([...list, '', `!${one}`].join('\n'), one)).toBeUndefined();
      }),
    );
  });

  test('without exceptions, what is in a folder that is left out is left out', () => {
    fc.assert(
      fc.property(lines, path, name, (list, one, inner) => {
        const text = list.filter((written) => !written.includes('!')).join('\n');
        if (ignoredBy(text, one) === undefined) return;
        expect(ignoredBy(text, `${one}/${inner}`)).toBeDefined();
      }),
    );
  });
});

test('patterns that could be searched for without end come to an end', () => {
  const list = `${'*a'.repeat(400)}b\n${'**/'.repeat(300)}b`;
  expect(ignoredBy(list, 'a'.repeat(4000))).toBeUndefined();
});
