import { describe, expect, test } from '@jest/globals';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import { readServed } from '../../src/registry/index.js';
import { blobs, makeImage } from './images.js';
import { embeddedForAll, rejection, repositoryAt, respond, serve } from './rig.js';

const registry = embeddedForAll();
const none = new Map();

describe('what a tag serves', () => {
  test('is undefined where there is no such tag', async () => {
    expect(await readServed(repositoryAt(registry, 'read/none'), 'dev')).toBeUndefined();
  });

  test('is an index with its platforms and whom its attestations are about', async () => {
    const store = blobs();
    const { index, platforms } = makeImage(store, 'greeter');
    const server = await serve((_, response) =>
      respond(response, 200, index.bytes, { 'content-type': mediaTypes.index }),
    );
    const served = await readServed(repositoryAt(server), 'dev');
    const shown = served?.entries.map(({ digest, platform, isAttestation, of }) => [
      digest,
      platform,
      isAttestation,
      of,
    ]);
    expect(served).toMatchObject({ kind: 'index', mediaType: mediaTypes.index, annotations: none });
    expect(served?.digest).toBe(index.descriptor.digest);
    expect(shown).toEqual([
      ...platforms.map((one) => [one.manifest.digest, one.platform, false, undefined]),
      ...platforms.map((one) => [
        one.attestations[0]?.digest,
        'unknown/unknown',
        true,
        one.manifest.digest,
      ]),
    ]);
  });

  test.each([
    ['with the platform of its configuration', (bytes?: Buffer) => bytes, 'linux/arm/v7'],
    ['without a platform where its configuration is lost', () => undefined, undefined],
    ['without a platform where its configuration is another', () => Buffer.from('{}'), undefined],
  ])('is a single manifest %s', async (_name, given, platform) => {
    const store = blobs();
    const [made] = makeImage(store, 'greeter', ['linux/arm/v7']).platforms;
    const digest = made?.manifest.digest ?? '';
    const server = await serve(({ url }, response) => {
      const body = url.includes('/blobs/')
        ? given(store.all.get(made?.config.digest ?? ''))
        : store.all.get(digest);
      const headers = { 'content-type': mediaTypes.manifest };
      respond(response, body === undefined ? 404 : 200, body, headers);
    });
    const served = await readServed(repositoryAt(server), 'dev');
    expect([served?.kind, served?.entries.map((one) => [one.digest, one.platform])]).toEqual([
      'manifest',
      [[digest, platform]],
    ]);
  });

  test('may be neither, and then it still has its digest', async () => {
    const server = await serve((_, response) => respond(response, 200, 'hello'));
    const served = await readServed(repositoryAt(server), 'dev');
    expect(served).toMatchObject({ kind: 'other', digest: digestOf('hello'), entries: [] });
  });

  test('is not said where the registry fails or gives more than a manifest may have', async () => {
    const refusing = await serve((_, response) => respond(response, 403));
    const large = await serve((_, response) => respond(response, 200, Buffer.alloc(5 << 20)));
    const [one, two] = [repositoryAt(refusing), repositoryAt(large)];
    expect(await rejection(readServed(one, 'dev'))).toMatchObject({ code: 'denied' });
    expect(await rejection(readServed(two, 'dev'))).toMatchObject({ code: 'protocol' });
  });
});
