import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRules } from '../../src/dockerfile/index.js';

const ignoredBy = (text: string, path: string) => readRules(text).ignoredBy(path);
const faultyLine = (text: string) => readRules(text).faulty;
const isCertain = (text: string) => readRules(text).isCertain();

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
  ['docs/?', 'docs/ab', false],
  ['a\uFEFFb*', 'abc', false],
  ['a\uFEFFb*', 'a\uFEFFbc', true],
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
    ['a\rb', 'a\rb', true],
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
    ['x*\\', 'xa$', true],
    ['x*\\', 'xa$b', true],
    ['x*\\', 'xa\\', false],
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

  test.each([
    ...['[', 'a[', '[]a]', '[^]', '[a-]', '[-a]', 'a\\', '!', '!/', '! '],
    ...['?*[', '.*[', '[.]*[', '!?*['],
  ])('that it cannot read %j is told by its line', (pattern) => {
    const text = `# one\r\nb\r\n${pattern}\r\nc[\r\n`;
    expect(faultyLine(text)).toEqual({ line: 3, text: pattern.trim() });
    expect(isCertain(text)).toBe(false);
  });

  test.each(['a/**a[?', '[[a]', '[^^]', '[a\\]]', 'a]', '[\\-]', '{', 'a|b', '!a', '[*]'])(
    'that it can read %j is told too',
    (pattern) => {
      expect(faultyLine(pattern)).toBeUndefined();
      expect(isCertain(pattern)).toBe(true);
    },
  );

  // BuildKit compiles the expression of a pattern once it compares a path, which it may never do.
  test.each([
    ...['*{1001}', '!x*{1001}', 'x\\pz', '[z-a]', '\\1', '?{1}*['],
    ...['x*[', '[^.]*[', '..*[', '\\a*['],
  ])('%j is not refused at sight, and nothing is left out for certain', (pattern) => {
    const rules = readRules(`*\n${pattern}\n`);
    expect(rules.faulty).toBeUndefined();
    expect(rules.isCertain()).toBe(false);
    expect(rules.ignoredBy('a')).toBeUndefined();
  });

  test.each([
    ['a line that is too long', 'a'.repeat(1001)],
    ['too many lines', '#\n'.repeat(2001)],
    ['long patterns in many lines', `${'*'.repeat(999)}\n`.repeat(1000)],
    ['long repetitions', `${'?{1000}'.repeat(100)}\n`.repeat(10)],
    ['long repetitions, one in a line', '?{900}\n'.repeat(2000)],
    ['repetitions with two limits', '?{1,900}\n'.repeat(2000)],
    ['backslashes', `${'\\\\'.repeat(499)}\n`.repeat(1000)],
  ])('nothing is certain of %s', (_, text) => {
    expect(isCertain(`*\n${text}`)).toBe(false);
    expect(ignoredBy(`*\n${text}`, 'a')).toBeUndefined();
    expect(faultyLine(text)).toBeUndefined();
  });

  test('a long list of ordinary patterns is certain', () => {
    const lines = Array.from({ length: 1900 }, (_, at) =>
      at % 3 === 0 ? `**/*.e${at}` : `build/out-2024-${at}`,
    );
    expect(isCertain(lines.join('\n'))).toBe(true);
    expect(ignoredBy(lines.join('\n'), 'a/b.e3')).toEqual({ line: 4, text: '**/*.e3' });
  });

  test('many paths are compared with one list, each for itself', () => {
    const rules = readRules('**/*.e1\nsub\n!sub/keep\nsub/keep/x\nlib/*\n!lib/a');
    const paths = [
      'a.e1',
      'a.e2',
      'sub/b',
      'sub/keep/b',
      'sub/keep/x',
      'sub',
      'lib/a/b',
      'lib/b/a',
    ];
    const found = paths.filter((path) => rules.ignoredBy(path) === undefined);
    expect(found).toEqual(['a.e2', 'sub/keep/b', 'lib/a/b']);
    expect(paths.filter((path) => rules.ignoredBy(path) === undefined)).toEqual(found);
  });

  test('from the path on with which comparing became too much work, nothing is certain', () => {
    const rules = readRules(`${'*a?'.repeat(300)}b\nout\n`.repeat(8));
    expect(rules.ignoredBy('out')).toBeDefined();
    expect(rules.isCertain()).toBe(true);
    for (const at of Array(6).keys()) rules.ignoredBy(`${'a'.repeat(4000)}${at}`);
    expect(rules.isCertain()).toBe(false);
    expect(rules.ignoredBy('out')).toBeUndefined();
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
        fc.pre(isCertain(list.join('\n')));
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
