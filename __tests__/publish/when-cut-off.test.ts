import { describe, expect, test } from '@jest/globals';
import type { Http } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { blobs, type MadeImage, makeImage } from '../registry/images.js';
import { clientFor, embedded, http, immutable, type Watched } from '../registry/rig.js';
import { job, tagsIn, to } from './rig.js';

const digestIn = ({ index }: MadeImage) => index.descriptor.digest;

/** An http port that dies at a request: before it is sent, or after it was answered. */
function dying(at: number, when: 'before' | 'after'): Http & { readonly sent: () => number } {
  let sent = 0;
  const gone = () => Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  const port: Http = async (request) => {
    const number = ++sent;
    if (number > at || (number === at && when === 'before')) throw gone();
    const response = await http(request);
    if (number < at) return response;
    for await (const _ of response.body) {
      // The registry has done its part before the other side is gone.
    }
    throw gone();
  };
  return Object.assign(port, { sent: () => sent });
}

describe.each([
  ['together', 'before'],
  ['together', 'after'],
  ['per-image', 'after'],
] as const)('%s, cut off %s each request in turn', (mode, when) => {
  test('no tag is ever on anything that was not tried, and a rerun finishes', async () => {
    const registry = await embedded();
    const store = blobs();
    const made = ['greeter', 'welcomer'].map((name) => makeImage(store, name, ['linux/amd64']));
    const names = ['greeter', 'welcomer'];
    const client = clientFor();
    let over = false;
    let at = 0;
    while (!over) {
      at++;
      const images = made.map((image) =>
        to(image, [`${registry.host}/run${at}/${image.image}`, 'dev', 'latest']),
      );
      const port = dying(at, when);
      const first = await publish(job(store, images, { http: port, publish: mode }));
      over = port.sent() < at;
      for (const [number, name] of names.entries()) {
        const repository = client.repository(registry.host, `run${at}/${name}`);
        const tags = await tagsIn(client, registry.host, `run${at}/${name}`);
        const digest = made[number]?.index.descriptor.digest;
        expect(Object.values(tags).every((one) => one === digest)).toBe(true);
        const told = first.publications[number]?.targets.map(({ tag }) => tag) ?? [];
        expect(Object.keys(tags)).toEqual(expect.arrayContaining(told));
        if (Object.keys(tags).length === 0) continue;
        const due = mode === 'together' ? made : [made[number] as MadeImage];
        for (const one of due) {
          const there = client.repository(registry.host, `run${at}/${one.image}`);
          const index = await there.headManifest(one.index.descriptor.digest);
          expect(index?.digest).toBe(one.index.descriptor.digest);
        }
        expect(await repository.headManifest(digest ?? '')).toMatchObject({ digest });
      }
      expect(first.findings.length > 0).toBe(!over);
      const again = await publish(job(store, images, { publish: mode }));
      expect(again.findings).toEqual([]);
      for (const image of made) {
        const digest = image.index.descriptor.digest;
        expect(await tagsIn(client, registry.host, `run${at}/${image.image}`)).toEqual({
          dev: digest,
          latest: digest,
        });
      }
    }
    expect(at).toBeGreaterThan(30);
  });
});

test('cut off at each request of a rerun, tags stay on what was tested, and the next ends green', async () => {
  const registry: Watched = await immutable();
  const store = blobs();
  const [one] = ['linux/amd64'];
  const builds = ['one', 'two', 'three'].map((build) => makeImage(store, 'greeter', [one], build));
  const [first, second, third] = builds as [MadeImage, MadeImage, MadeImage];
  let over = false;
  for (let at = 1; !over; at++) {
    const path = `cut${at}/greeter`;
    const target = [`${registry.host}/${path}`, 'a', 'b'] as const;
    await publish(job(store, [to(first, [`${registry.host}/${path}`, 'a'])]));
    const port = dying(at, 'before');
    await publish(job(store, [to(second, [...target])], { http: port }));
    over = port.sent() < at;
    const tags = await tagsIn(clientFor(), registry.host, path);
    expect(new Set(Object.values(tags))).toEqual(new Set([digestIn(first)]));
    const last = await publish(job(store, [to(third, [...target])]));
    expect(last.findings.map(({ code }) => code)).toEqual(['index-taken-over']);
    expect(await tagsIn(clientFor(), registry.host, path)).toEqual({
      a: digestIn(first),
      b: digestIn(first),
    });
    if (over) expect(at).toBeGreaterThan(15);
  }
});
