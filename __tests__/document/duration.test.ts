import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseDuration, writeDuration } from '../../src/document/index.js';

test.each([
  [1, '1ms'],
  [90_000, '1m30s'],
  [600_000, '10m'],
  [5_400_000, '1h30m'],
  [3_723_004, '1h2m3s4ms'],
])('%d milliseconds are written as %s', (milliseconds, text) => {
  expect(writeDuration(milliseconds)).toBe(text);
});

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 * 3_600_000 }), (milliseconds) => {
      expect(parseDuration(writeDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});
