import { expect, test } from '@jest/globals';
import { createRunId, isRunId } from '../../src/engine/index.js';

test.each([
  ['local-0123abcd', true],
  ['emulation-0123abcd', true],
  ['17000000000-0123abcd', true],
  ['local', false],
  ['', false],
  ['*', false],
  ['local-0123ABCD', false],
  ['local-0123abcd\n', false],
  ['x\nlocal-0123abcd', false],
  ['other-0123abcd', false],
  [undefined, false],
])("%j is a run's id: %s", (id, is) => {
  expect(isRunId(id)).toBe(is);
});

test.each([
  [undefined, /^local-[0-9a-f]{8}$/],
  ['42', /^42-[0-9a-f]{8}$/],
  ['emulation', /^emulation-[0-9a-f]{8}$/],
  ['../*', /^local-[0-9a-f]{8}$/],
])('made for %j, it has that form', (kind, form) => {
  const id = createRunId(kind);
  expect([id, isRunId(id)]).toEqual([expect.stringMatching(form), true]);
});
