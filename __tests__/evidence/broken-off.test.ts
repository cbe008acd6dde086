import { expect, test } from '@jest/globals';
import { brokenOff } from '../../src/evidence/broken-off.js';
import { joinWords } from '../../src/evidence/join-words.js';
import { elsewhere } from '../../src/evidence/problem.js';

const fault = (more: object) => Object.assign(new Error('no such thing, /home/me/x'), more);

test.each<[string, unknown, string]>([
  [
    'a full disk, with what to do',
    fault({ code: 'ENOSPC', syscall: 'write' }),
    'the disk is full; free some space, or set TMPDIR to a folder on another disk',
  ],
  [
    'a call of the system, without the path',
    fault({ code: 'ENOENT', syscall: 'open' }),
    'open failed with ENOENT',
  ],
  ['any other error, by its message', new TypeError('it is undefined'), 'it is undefined'],
  ['what is no error', 'stopped', 'stopped'],
])('what broke a publication off is told: %s', (_, error, words) => {
  expect(brokenOff({ image: 'greeter' }, 'Publishing', error)).toMatchObject({
    code: 'publication-failed',
    severity: 'error',
    subject: { image: 'greeter' },
    message: `Publishing failed: ${words}.`,
  });
});

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('words are joined as in a sentence: %j', (words, expected) => {
  expect(joinWords(words)).toBe(expected);
});

test('problems at places that have one already are left out', () => {
  const at = (file: string, line: number, column: number) => ({ file, line, column, message: 'x' });
  const problems = [at('a', 1, 1), at('a', 1, 2), at('a', 2, 1), at('b', 1, 1)];
  expect(elsewhere(problems, [{ file: 'a', line: 1, column: 1 }])).toEqual(problems.slice(1));
  expect(elsewhere(problems, [])).toEqual(problems);
});
