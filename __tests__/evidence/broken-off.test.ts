import { expect, test } from '@jest/globals';
import { brokenOff } from '../../src/evidence/broken-off.js';
import { joinWords } from '../../src/evidence/join-words.js';

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
