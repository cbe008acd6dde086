import { expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { publish } from '../../src/publish/index.js';
import { blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, fakeClock, http } from '../registry/rig.js';
import { readBack } from '../verify/read-back.js';
import { asks, type Fault, faulty } from './faulty.js';
import { tagsAt } from './rig.js';

/*
 * A registry that stops in the middle of a body, over real sockets. What is
 * waited for is 0.3 s here, and pauses are over at once.
 */

const IDLE = 300;
/** More than the buffers of two sockets hold. */
const LONG = 'x'.repeat(16_000_000);

/** Publishes to a registry that stalls in its answers to what matches. */
async function runOnce(pattern: RegExp, stall: Fault) {
  const registry = await embedded();
  const host = await faulty(registry.host, (request, response, forward) =>
    pattern.test(asks(request)) ? stall(request, response, forward) : forward(),
  );
  const store = blobs();
  const made = makeImage(store, LONG, ['linux/amd64']);
  const targets = [{ repository: `${host}/acme/ship`, tags: ['dev'] }];
  const images = [{ ...made, image: 'ship', targets }];
  const client = clientFor({
    http: (request) => {
      const stalls = pattern.test(`${request.method} ${new URL(request.url).pathname}`);
      return http(stalls ? { ...request, idle: IDLE } : request);
    },
  });
  const common = { client, clock: fakeClock(), limit: pLimit(4) };
  const published = await publish({
    ...{ ...common, images, open: store.open, publish: 'together', embedded: false },
  });
  const tags = await tagsAt(registry.host, 'acme/ship');
  const read = () =>
    readBack({ ...common, images: [{ ...images[0], index: made.index.descriptor } as never] });
  return { host, published, tags, read };
}

test('that stops to read an upload gets no tag, and one error says so', async () => {
  const uploads = /^(PUT|PATCH) .*\/uploads\//;
  const { host, published, tags } = await runOnce(uploads, (request) => {
    request.once('data', () => request.pause());
  });
  expect(published.findings.map(({ code, message }) => [code, message])).toEqual([
    [
      'registry-failed',
      `${host} stopped answering while uploading to acme/ship: no byte came for 0.3 s.`,
    ],
  ]);
  expect(published.publications).toMatchObject([{ targets: [], notPublished: expect.any(String) }]);
  expect(tags).toEqual([]);
});

test('that stops to send a blob is not believed, and one error says so', async () => {
  const { host, published, tags, read } = await runOnce(/^GET .*\/blobs\//, (_, response) => {
    response.writeHead(200, { 'content-length': LONG.length }).write('x'.repeat(1_000));
  });
  expect([published.findings, tags]).toEqual([[], ['dev']]);
  const { findings, served } = await read();
  expect(findings.map(({ code, message }) => [code, message])).toEqual([
    [
      'registry-failed',
      expect.stringMatching(
        new RegExp(
          `^${host} stopped answering while reading the blob .*: no byte came for 0.3 s.$`,
        ),
      ),
    ],
  ]);
  expect(served.get('ship')).toEqual([]);
});
