import { expect, test } from '@jest/globals';
import { defined } from '../../src/types/index.js';

test('what is undefined is left out, and all else stays in its order', () => {
  const fields = defined({ b: 1, a: undefined, d: null, c: '', e: false });
  expect(Object.entries(fields)).toEqual([
    ['b', 1],
    ['d', null],
    ['c', ''],
    ['e', false],
  ]);
  expect('a' in fields).toBe(false);
});

test('a field that may be undefined becomes an optional one', () => {
  const tag = 'x'.length > 1 ? 'v1' : undefined;
  const reference: { readonly name: string; readonly tag?: string } = defined({ name: 'a', tag });
  expect({ tag: 'latest', ...reference }).toEqual({ name: 'a', tag: 'latest' });
});
