import { describe, expect, test } from '@jest/globals';
import { mediaTypes } from '../../src/oci/index.js';
import { readPlatforms } from '../../src/registry/index.js';
import { type Blobs, blobs, makeImage } from './images.js';
import { rejection, repositoryAt, respond, serve } from './rig.js';

type Described = Readonly<Record<string, unknown>>;

function index(store: Blobs, manifests: readonly Described[]) {
  const document = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  return store.add(JSON.stringify(document), mediaTypes.index);
}

function manifest(store: Blobs, config: string, type: string, more: Described = {}) {
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    ...more,
    config: store.add(config, type),
    layers: [],
  };
  return store.add(JSON.stringify(document), mediaTypes.manifest);
}

const on = (platform: string) => {
  const [os, architecture, variant] = platform.split('/');
  return { platform: { os, architecture, variant } };
};

/** What is read where a tag serves that descriptor's content, and how many documents were asked for. */
async function read(store: Blobs, top: { readonly digest: string; readonly mediaType: string }) {
  const types = new Map<string, string>();
  for (const [digest, bytes] of store.all) {
    const { mediaType } = JSON.parse(bytes.toString().replace(/^[^{].*$/s, '{}'));
    types.set(digest, mediaType ?? mediaTypes.config);
  }
  const server = await serve(({ url }, response) => {
    const name = url.split('/').at(-1) ?? '';
    const digest = name === 'dev' ? top.digest : name;
    const bytes = store.all.get(digest);
    const headers = { 'content-type': types.get(digest) ?? '' };
    respond(response, bytes === undefined ? 404 : 200, bytes, headers);
  });
  const found = await readPlatforms(repositoryAt(server), 'dev');
  return { found, asked: server.seen.length };
}

describe('platform-lost: the platforms that a tag serves', () => {
  test('are those of its index, without attestations, and nothing more is asked for', async () => {
    const store = blobs();
    const made = makeImage(store, 'greeter').index;
    store.all.set(made.descriptor.digest, made.bytes);
    expect(await read(store, made.descriptor)).toEqual({
      found: {
        digest: made.descriptor.digest,
        platforms: ['linux/amd64', 'linux/arm/v7'],
        others: [],
        unknown: [],
      },
      asked: 1,
    });
  });

  test('are that of a single manifest, as its configuration says', async () => {
    const store = blobs();
    const [made] = makeImage(store, 'greeter', ['linux/arm/v6']).platforms;
    const { found } = await read(store, made?.manifest ?? { digest: '', mediaType: '' });
    expect(found).toMatchObject({ platforms: ['linux/arm/v6'], others: [], unknown: [] });
  });

  test('are those of nested indexes too, each read once', async () => {
    const store = blobs();
    const [amd, arm, riscv] = ['linux/amd64', 'linux/arm64', 'linux/riscv64'].map((platform) => {
      const [made] = makeImage(store, platform, [platform]).platforms;
      return { ...made?.manifest, ...on(platform) };
    });
    const inner = index(store, [arm ?? {}, { ...riscv, platform: undefined }]);
    const top = index(store, [amd ?? {}, inner, inner, { ...inner, ...on('linux/s390x') }]);
    const { found, asked } = await read(store, top);
    expect(found?.platforms).toEqual([
      'linux/amd64',
      'linux/arm64',
      'linux/riscv64',
      'linux/s390x',
    ]);
    expect(found?.unknown).toEqual([]);
    // The top, the inner one, and a manifest with its configuration.
    expect(asked).toBe(4);
  });

  test('are read where an entry says but a part of one', async () => {
    const store = blobs();
    const [made] = makeImage(store, 'greeter', ['linux/riscv64']).platforms;
    const top = index(store, [{ ...made?.manifest, platform: { os: 'linux' } }]);
    const { found } = await read(store, top);
    expect(found).toMatchObject({ platforms: ['linux/riscv64'], unknown: [] });
  });

  test('are those of entries of other types and under the name of an attestation, too', async () => {
    const store = blobs();
    const old = store.add('{}', 'application/vnd.docker.distribution.manifest.v1+json');
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const called = { ...manifest(store, '{}', mediaTypes.config), annotations };
    const top = index(store, [
      { ...old, ...on('linux/s390x') },
      { ...called, ...on('linux/arm64') },
      { ...called, ...on('unknown/unknown') },
    ]);
    const { found, asked } = await read(store, top);
    expect([found?.platforms, asked]).toEqual([['linux/s390x', 'linux/arm64'], 1]);
  });

  test('are not read without end', async () => {
    const store = blobs();
    let top = index(store, []);
    for (let level = 0; level < 6; level++) top = index(store, [top]);
    const { found, asked } = await read(store, top);
    expect(found?.unknown).toEqual(['its indexes are nested too deep, or are too many']);
    expect(asked).toBeLessThan(6);
  });

  test.each<[string, (store: Blobs) => { digest: string; mediaType: string }, readonly string[]]>([
    [
      'a chart',
      (store) => manifest(store, '{"name":"x"}', 'application/vnd.cncf.helm.config.v1+json'),
      ['application/vnd.cncf.helm.config.v1+json'],
    ],
    [
      'an artifact',
      (store) => manifest(store, '{}', mediaTypes.empty, { artifactType: 'application/x.y' }),
      ['application/x.y'],
    ],
    [
      "BuildKit's cache",
      (store) => index(store, [store.add('layer', mediaTypes.layerGzip)]),
      [mediaTypes.layerGzip],
    ],
  ])('are none of %s', async (_name, make, others) => {
    const store = blobs();
    const { found } = await read(store, make(store));
    expect(found).toMatchObject({ platforms: [], others, unknown: [] });
  });

  test.each<[string, (store: Blobs) => { digest: string; mediaType: string }, RegExp]>([
    [
      'a configuration without one',
      (store) => manifest(store, '{}', mediaTypes.config),
      /names no platform/,
    ],
    [
      'a manifest that is gone',
      (store) =>
        index(store, [
          { mediaType: mediaTypes.manifest, digest: `sha256:${'7'.repeat(64)}`, size: 1 },
        ]),
      /^sha256:7+, which it lists, is not there$/,
    ],
    [
      'something malformed',
      (store) => index(store, [{ mediaType: mediaTypes.manifest }]),
      /is not a digest/,
    ],
    [
      'neither index nor manifest',
      (store) => store.add('hello', 'text/plain'),
      /is neither an index nor a manifest/,
    ],
  ])('are not all known of %s', async (_name, make, why) => {
    const store = blobs();
    const { found } = await read(store, make(store));
    expect(found).toMatchObject({ platforms: [], unknown: [expect.stringMatching(why)] });
  });

  test('are none where there is no such tag, and not said where the registry refuses', async () => {
    const none = await serve((_, response) => respond(response, 404));
    expect(await readPlatforms(repositoryAt(none), 'dev')).toBeUndefined();
    const refusing = await serve((_, response) => respond(response, 403));
    expect(await rejection(readPlatforms(repositoryAt(refusing), 'dev'))).toMatchObject({
      code: 'denied',
    });
  });

  test('are asked for once where that is wanted', async () => {
    const failing = await serve((_, response) => respond(response, 503));
    const error = await rejection(readPlatforms(repositoryAt(failing), 'dev', { once: true }));
    expect([error, failing.seen.length]).toMatchObject([{ code: 'server' }, 1]);
  });
});
