import { describe, expect, test } from '@jest/globals';
import { systemErrorText } from '../../src/commands/system-error.js';

function error(code: string, syscall: string): Error {
  return Object.assign(new Error(code), { code, syscall, path: '/a/file' });
}

describe('an error of the system', () => {
  test.each([
    [
      'EFBIG',
      'read',
      'This machine could not read /a/file: it is larger than such a file may be; check what it is.',
    ],
    [
      'EFBIG',
      'write',
      'This machine could not write /a/file: it would be larger than a file may be for this user or on this file system; raise the limit (ulimit -f), or use another file system.',
    ],
    [
      'EISDIR',
      'open',
      'This machine could not open /a/file: it is a folder, and a file was expected; fix the path.',
    ],
  ])('%s of %s says what to do', (code, syscall, sentence) => {
    expect(systemErrorText(error(code, syscall))).toBe(sentence);
  });

  test('that has no words of its own is not put into any', () => {
    expect(systemErrorText(error('EUNKNOWN', 'read'))).toBeUndefined();
  });
});
