import { expect, test } from '@jest/globals';
import { realPorts } from '../../src/ports/index.js';

const { clock } = realPorts();

/** Timers that this process would stay alive for. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

test.each([
  ['a sleep keeps the process alive', undefined, 1],
  ['a sleep without a hold on the process does not', { ref: false }, 0],
])('%s, and ends with its signal', async (_, options, more) => {
  const over = new AbortController();
  const before = timers();
  const sleep = clock.sleep(600_000, over.signal, options);
  expect(timers() - before).toBe(more);
  over.abort();
  await expect(sleep).rejects.toMatchObject({ name: 'AbortError' });
  expect(timers()).toBe(before);
});
