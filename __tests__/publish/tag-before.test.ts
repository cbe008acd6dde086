import { describe, expect, test } from '@jest/globals';
import { composeIndex, mediaTypes } from '../../src/oci/index.js';
import type { Http } from '../../src/ports/index.js';
import { servedBefore } from '../../src/publish/tag-before.js';
import { blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, http, rejection } from '../registry/rig.js';
import { send } from './send.js';

const { signal } = new AbortController();

/** A tag of an image for two platforms, with what is asked of its registry. */
async function tagged() {
  const registry = await embedded();
  const store = blobs();
  const image = makeImage(store, 'greeter');
  await send(store, image, `${registry.host}/acme/greeter`);
  const start = registry.requests().length;
  const read = (ours = 'sha256:0', port: Http = http) =>
    servedBefore(
      clientFor({ http: port }).repository(registry.host, 'acme/greeter'),
      'dev',
      ours,
      signal,
    );
  const asked = () => registry.requests().slice(start);
  return { registry, store, image, read, asked };
}

/** The port, on which requests that match are answered with another status. */
function answering(pattern: RegExp, status: number): Http {
  return async (request) => {
    const answer = await http(request);
    return pattern.test(`${request.method} ${request.url}`) ? { ...answer, status } : answer;
  };
}

describe('what a tag served before', () => {
  test('is its digest, and what a pull of each platform weighs', async () => {
    const { image, read } = await tagged();
    const before = await read();
    expect(before?.facts).toEqual({
      digest: image.index.descriptor.digest,
      platforms: image.platforms.map(({ platform, config, layers }) => ({
        platform,
        size: [config, ...layers].reduce((sum, { size }) => sum + size, 0),
      })),
    });
    expect(before?.document.bytes).toEqual(image.index.bytes);
  });

  test('is not weighed where it is ours already', async () => {
    const { image, read, asked } = await tagged();
    const { digest } = image.index.descriptor;
    expect((await read(digest))?.facts).toEqual({ digest, platforms: [] });
    expect(asked().map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test('is not weighed where a manifest of it cannot be read', async () => {
    const { image, read } = await tagged();
    const { digest } = image.index.descriptor;
    const port = answering(/^GET .*\/manifests\/sha256:/, 403);
    expect((await read('sha256:0', port))?.facts).toEqual({ digest, platforms: [] });
  });

  test('weighs nothing of an index in an index, and what is beside it', async () => {
    const { registry, image } = await tagged();
    const [platform] = image.platforms;
    if (platform === undefined) throw new Error('it has a platform');
    const repository = clientFor().repository(registry.host, 'acme/greeter');
    const inner = composeIndex([platform]);
    const { bytes, descriptor } = inner;
    await repository.putManifest(descriptor.digest, { bytes, mediaType: mediaTypes.index });
    const entry = { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } };
    const beside = { ...platform.manifest, platform: { os: 'linux', architecture: 's390x' } };
    const outer = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry, beside] }),
    );
    await repository.putManifest('dev', { bytes: outer, mediaType: mediaTypes.index });
    const before = await servedBefore(repository, 'dev', 'sha256:0', signal);
    expect(before?.facts.platforms).toEqual([
      { platform: 'linux/s390x', size: expect.any(Number) },
    ]);
  });

  test.each([401, 403])('is nothing where it may not be asked for (%d)', async (status) => {
    const { read } = await tagged();
    expect(await read('sha256:0', answering(/^HEAD /, status))).toBeUndefined();
  });

  test('is nothing where there is no such tag, whatever a HEAD says', async () => {
    const { read } = await tagged();
    expect(await read('sha256:0', answering(/^HEAD /, 404))).toBeUndefined();
    expect(await read('sha256:0', answering(/^GET .*\/manifests\/dev$/, 404))).toBeUndefined();
  });

  test('is not known where its registry fails', async () => {
    const { read } = await tagged();
    const failed = rejection(read('sha256:0', answering(/^HEAD /, 503)));
    expect(await failed).toMatchObject({ code: 'server' });
    const ours = new TypeError('a fault of ours');
    const { registry } = await tagged();
    const repository = clientFor().repository(registry.host, 'acme/greeter');
    const broken = {
      ...repository,
      headManifest: async () => {
        throw ours;
      },
    };
    expect(await rejection(servedBefore(broken, 'dev', 'sha256:0', signal))).toBe(ours);
  });
});
