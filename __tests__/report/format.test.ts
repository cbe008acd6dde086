import { describe, expect, test } from '@jest/globals';
import { joinWords } from '../../src/evidence/index.js';
import { bytes, change, count, duration, shellWord, short } from '../../src/report/format.js';

describe('numbers with their units', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [12_402_048, '12.4 MB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [3_200_000_000, '3.2 GB'],
    [5_000_000_000_000_000, '5000.0 TB'],
  ])('%d bytes are %s', (number, words) => {
    expect(bytes(number)).toBe(words);
  });

  test.each([
    [0, '0.0s'],
    [420, '0.4s'],
    [9_949, '9.9s'],
    [9_950, '10s'],
    [59_400, '59s'],
    [59_600, '1m 00s'],
    [118_000, '1m 58s'],
    [3_600_000, '1h 00m'],
    [7_500_000, '2h 05m'],
  ])('%d milliseconds are %s', (number, words) => {
    expect(duration(number)).toBe(words);
  });

  test('a change of size has a sign', () => {
    expect([change(1_000, 2_500), change(2_500, 1_000), change(7, 7)]).toEqual([
      '+1.5 kB',
      '−1.5 kB',
      'same size',
    ]);
  });

  test('digests are short for eyes', () => {
    expect(short(`sha256:9f2c41d0${'0'.repeat(56)}`)).toBe('sha256:9f2c41d0…');
  });

  test('counts and lists read as a sentence', () => {
    expect([count(0, 'tag'), count(1, 'tag'), count(2, 'tag')]).toEqual([
      '0 tags',
      '1 tag',
      '2 tags',
    ]);
    expect([count(1, 'box', 'boxes'), count(2, 'box', 'boxes')]).toEqual(['1 box', '2 boxes']);
    expect([
      joinWords([]),
      joinWords(['a']),
      joinWords(['a', 'b']),
      joinWords(['a', 'b', 'c']),
    ]).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });

  test.each([
    ['greeter@linux/s390x', 'greeter@linux/s390x'],
    ['my file.yml', "'my file.yml'"],
    ["it's", "'it'\\''s'"],
    ['$(reboot)', "'$(reboot)'"],
    ['', "''"],
    ["make\n\tit's", "$'make\\n\\tit\\'s'"],
    ['\u001b[1m\u0085', "$'\\033[1m\\u0085'"],
    ['1%\r\u007f', "$'1%\\r\\177'"],
    ['a\\b\n', "$'a\\\\b\\n'"],
    ['a b=c', "'a b=c'"],
    ['1%+=:,./-_@', '1%+=:,./-_@'],
    [' a', "' a'"],
    ['a ', "'a '"],
  ])('%j is the word %s for a shell', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});
