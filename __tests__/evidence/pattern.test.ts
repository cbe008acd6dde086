import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { findPattern, patternFault } from '../../src/evidence/index.js';

/** A clock on which a second passes between two looks. */
function hurrying() {
  let now = 0;
  return { ticks: () => (now += 1000) };
}

const still = { ticks: () => 0 };

test.each([
  ['one state for each character', 'x[xw]{900}y', `${'xw'.repeat(5_000)}y`],
  [
    'states that are too large to be kept',
    '(?i)\\pL{1000}\\pL{1000}\\pL{1000}[12]',
    'è'.repeat(4000),
  ],
  ['empty repetitions', '(?:[xw]?){500}[xw]{500}[yz]', 'xw'.repeat(5_000)],
  ['a start that is known', '^(?:[xw]|-)*[yz]$', 'xw'.repeat(5_000)],
  ['a literal', 'xx', '-'.repeat(1_000_000)],
  ['literals', 'xx|yy', '-'.repeat(1_000_000)],
])('a search is given up when it takes too long: %s', (_, pattern, text) => {
  expect(findPattern(pattern, [text], hurrying())).toBe('too-long');
});

test('the time is that of all texts together', () => {
  expect(findPattern('x-+y', ['x', 'y', '-'], hurrying())).toBe('too-long');
  expect(findPattern('x-+y', ['x', 'x--y', '-'], still)).toBe(true);
  expect(findPattern('x-+y', ['x', 'y', '-'], still)).toBe(false);
});

test('the clock is looked at once for many characters', () => {
  let looks = 0;
  const clock = {
    ticks: () => {
      looks += 1;
      return 0;
    },
  };
  expect(findPattern('^(?:[xw]|-)*[yz]$', ['xw'.repeat(5_000)], clock)).toBe(false);
  expect(looks).toBeGreaterThan(2);
  expect(looks).toBeLessThan(10_000 / 16);
});

test('what is found is what re2js finds in a usual text', () => {
  const patterns = ['a', 'ab', '^a', 'b$', '(?m)^b$', '\\bü', 'a|bb', '^[ab]+$', '😀.', 'a{2,4}b'];
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' ', 'ü', '😀', '\ud83d') });
  fc.assert(
    fc.property(fc.constantFrom(...patterns), text, (pattern, given) => {
      expect(findPattern(pattern, [given], still)).toBe(RE2JS.compile(pattern).test(given));
    }),
  );
});

test.each([64 * 1024 - 2, 64 * 1024 - 1, 64 * 1024, 4 * 1024 * 1024])(
  'a literal is found behind %d characters',
  (before) => {
    expect(findPattern('abc', [`${'-'.repeat(before)}abc`], still)).toBe(true);
  },
);

test('patterns have a size', () => {
  expect(patternFault('[0-9a-f]{64} (?:x{1000}){1}')).toBeUndefined();
  // A literal has an instruction for each character, and two more.
  expect(patternFault('x'.repeat(9_998))).toBeUndefined();
  expect(patternFault('x'.repeat(9_999))).toContain('it has 10001 instructions of at most 10000;');
  expect(patternFault('(?:(?:x?){100}){10}'.repeat(10))).toBe(
    'is too large a pattern: it has 20002 instructions of at most 10000; repeat less in it',
  );
});

test('what is no pattern is told with what is wrong with it', () => {
  expect(patternFault('(a')).toMatch(/^is not a pattern in Go's syntax: .*missing closing \)/);
  expect(patternFault('a{2}b')).toBeUndefined();
});

test.each([
  ['(?<=a)b', 'lookbehind'],
  ['(?<!a)b', 'lookbehind'],
  ['a(?=b)', 'lookahead'],
  ['a(?!b)', 'lookahead'],
  ['(?>a)', 'atomic groups'],
  ['(a)\\1', 'backreferences'],
  ['(?<n>a)\\k<n>', 'backreferences'],
  ['a++', 'possessive quantifiers'],
])('%s has what Go has not: %s', (pattern, what) => {
  expect(patternFault(pattern)).toMatch(
    `is not a pattern in Go's syntax, which has no ${what}: error parsing regexp: `,
  );
});

test.each(['(?<n>a', '\\h', '\\++(', 'a**', '(?#c)'])('%s is at fault otherwise', (pattern) => {
  expect(patternFault(pattern)).toMatch(/^is not a pattern in Go's syntax: error parsing regexp: /);
});

test('a fault of a clock is none of the pattern', () => {
  const broken = {
    ticks: () => {
      throw new TypeError('there is no clock');
    },
  };
  expect(() => findPattern('a+b', ['a'.repeat(1000)], broken)).toThrow('there is no clock');
  let looks = 0;
  const breaking = {
    ticks: () => {
      looks += 1;
      if (looks > 1) throw new TypeError('there is no clock any more');
      return 0;
    },
  };
  expect(() => findPattern('a+b', ['a'.repeat(1000)], breaking)).toThrow('no clock any more');
});
