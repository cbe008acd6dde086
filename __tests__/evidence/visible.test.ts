import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { visible } from '../../src/evidence/index.js';
import { hostile } from '../report/hostile.js';

test.each([
  ['ok\n', 'ok'],
  ['ok', 'ok'],
  ['one\n\n  two\n', 'one\n\n  two'],
  ['ok \r\n', 'ok\\x20\\r'],
  ['ok  \n', 'ok\\x20\\x20'],
  ['  ok', '\\x20\\x20ok'],
  ['one \ntwo\r\nthree  four', 'one\\x20\ntwo\\r\nthree  four'],
  ['ok\n\n', 'ok\\n'],
  ['\nok\n', '\\nok'],
  ['\u001b[31mok\u001b[0m\n', '\\x1b[31mok\\x1b[0m'],
  ['a\tb\u0000', 'a\\tb\\x00'],
  ['\u009b31m', '\\x9b31m'],
  ['a\u00a0b\u202ec\u{e0041}\ud800', 'a\\xa0b\\x{202e}c\\x{e0041}\\x{d800}'],
  // Only where something is escaped can a backslash be taken for the beginning of that.
  ['C:\\r', 'C:\\r'],
  ['C:\\r\r\n', 'C:\\\\r\\r'],
  ['', ''],
  ['\n', ''],
  [' \n', '\\x20'],
  ['日本 🚢', '日本 🚢'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('nothing unseen is left, whatever comes in', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(visible(text)).not.toMatch(
        /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[^\P{Zs} ]|^\s|\s$| \n/u,
      );
    }),
  );
});

test('runs of blanks and line ends take no longer than others', () => {
  const long = `${' '.repeat(200_000)}x${'\n'.repeat(200_000)}x${'\r'.repeat(200_000)}x`;
  expect(visible(`x${long}`)).toHaveLength(1 + 200_001 + 200_001 + 400_001);
});
