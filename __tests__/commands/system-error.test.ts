import { describe, expect, test } from '@jest/globals';
import { systemErrorText } from '../../src/commands/system-error.js';
import { EngineError } from '../../src/engine/index.js';

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

  test.each([
    ['EACCES', 'this user has no permission for it; grant it, or run as another user'],
    ['EPERM', 'this user has no permission for it; grant it, or run as another user'],
    ['ENOENT', 'it does not exist; create it, or find out what removed it'],
    ['EFTYPE', 'it is a pipe, a device or a socket, and a file was expected; fix the path'],
    ['ENOTDIR', 'a part of that path is not a folder; fix the path'],
    ['EMFILE', 'too many files are open; raise the limit (ulimit -n), or lower --parallel'],
    ['ENFILE', 'too many files are open; raise the limit (ulimit -n), or lower --parallel'],
  ])('%s says what to do: %s', (code, words) => {
    expect(systemErrorText(error(code, 'open'))).toBe(
      `This machine could not open /a/file: ${words}.`,
    );
    expect(systemErrorText(Object.assign(new Error(code), { code }))).toBe(
      `This machine could not write: ${words}.`,
    );
  });

  test.each([
    ['', 'It stopped.', 'It stopped.'],
    ['gone', 'It stopped: gone.', 'It stopped: gone.'],
    ['one\ntwo', 'It stopped.', 'It stopped.\n  | one\n  | two'],
  ])('of the engine has what docker said, once: %j', (said, message, text) => {
    expect(systemErrorText(new EngineError('failed', message, said))).toBe(text);
  });

  test('that has no words of its own is not put into any', () => {
    expect(systemErrorText(error('EUNKNOWN', 'read'))).toBeUndefined();
  });
});
