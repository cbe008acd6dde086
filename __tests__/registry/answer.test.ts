import { PassThrough, Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { readUpTo } from '../../src/registry/answer.js';

test('reads a body up to a limit', async () => {
  const body = () => Readable.from([Buffer.from('four'), Buffer.from('more')]);
  expect(await readUpTo(body(), 8)).toEqual({ bytes: Buffer.from('fourmore'), more: false });
  expect(await readUpTo(body(), 5)).toEqual({ bytes: Buffer.from('fourm'), more: true });
});

test('does not wait for a body that never ends, though bytes come', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('x'), 5);
  const error = await readUpTo(body, 1_000_000, 50).catch((reason: unknown) => reason);
  clearInterval(drip);
  expect(error).toMatchObject({
    code: 'ETIMEDOUT',
    message: 'the answer was incomplete after 0.05 s',
  });
});
