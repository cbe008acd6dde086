import { expect, test } from '@jest/globals';
import { createCutRequests } from '../../src/registry/cut-requests.js';
import { waitedFor } from '../../src/registry/index.js';
import { clientFor, fakeClock, rejection, serve } from './rig.js';

const cutOff = () => Promise.reject(Object.assign(new Error('stop'), { name: 'AbortError' }));

test('of the requests that were cut off the one that was waited for longest is known', async () => {
  const clock = fakeClock();
  const cuts = createCutRequests(clock);
  const wait = (request: string, time: number, end: () => Promise<unknown>) =>
    rejection(
      cuts.watch(request, async () => {
        clock.advance(time);
        await end();
      }),
    );
  expect(cuts.longest()).toBeUndefined();
  await wait('a', 10, cutOff);
  await wait('b', 30, cutOff);
  await wait('c', 20, cutOff);
  await wait('d', 40, () => Promise.reject(new Error('something else')));
  expect(await cuts.watch('e', async () => clock.advance(50))).toBeUndefined();
  expect(cuts.longest()).toEqual({ request: 'b', waited: 30 });
});

test('a client says which request its signal has ended, and for how long it had waited', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  const server = await serve(() => {
    clock.advance(42_000);
    stop.abort();
  });
  const client = clientFor({ clock });
  const manifest = { bytes: Buffer.from('{}'), mediaType: 'x/y' };
  const put = client.repository(server.host, 'acme/a').putManifest('dev', manifest, {
    signal: stop.signal,
  });
  expect(await rejection(put)).toMatchObject({ name: 'AbortError' });
  const cut = client.cuts.longest();
  expect(cut && waitedFor(cut)).toBe(`${server.host} (writing the tag dev of acme/a, 42 s)`);
});
