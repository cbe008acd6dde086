import { describe, expect, test } from '@jest/globals';
import { createImageReader, type ImageReader } from '../../src/buildpacks/index.js';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import { clientFor } from '../registry/rig.js';
import { type Contents, served } from './builders.js';

const AMD = 'linux/amd64';
const CHECK_NAME = 'Correct the name, or choose an image that is whole.';
const MIB = 1024 * 1024;

const ofConfig = (store: Contents, config: object) =>
  store.add(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [] }),
    mediaTypes.manifest,
  );

const ofManifests = (store: Contents, manifests: readonly object[]) =>
  store.add(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }),
    mediaTypes.index,
  );

const platformOf = (architecture: string) => ({ platform: { os: 'linux', architecture } });

/** What is said of `image:1`, which a registry serves as `make` makes it. */
async function said(make: (store: Contents) => { readonly digest: string }) {
  const { host, reader } = await served((store) => store.tag('image:1', make(store)));
  const { findings = [] } = await reader.read('The image', `${host}/image:1`, [AMD]);
  expect(findings.map(({ code }) => code)).toStrictEqual(findings.map(() => 'builder-unusable'));
  return findings.map(({ message, remedy, subject }) => [
    message.replaceAll(host, 'REGISTRY'),
    remedy,
    JSON.stringify(subject).replaceAll(host, 'REGISTRY'),
  ]);
}

describe('an image that a registry serves', () => {
  const hash = digestOf('x');

  test.each<[string, (store: Contents) => { readonly digest: string }, string]>([
    [
      'its manifest is another document',
      (store) => store.add('{"schemaVersion":1}', mediaTypes.manifest),
      `sha256:[0-9a-f]{64}: "schemaVersion" is not 2; sha256:[0-9a-f]{64}, config is not a descriptor`,
    ],
    [
      'a manifest has something wrong in it',
      (store) => ofConfig(store, { mediaType: mediaTypes.config, digest: 'none', size: 2 }),
      `sha256:[0-9a-f]{64}, config: "none" is not a digest`,
    ],
    [
      'its configuration is larger than is read',
      (store) => ofConfig(store, { mediaType: mediaTypes.config, digest: hash, size: 4 * MIB + 1 }),
      `the configuration ${hash} has 4194305 bytes; at most 4 MiB are read`,
    ],
    [
      'its configuration has something wrong in it',
      (store) => ofConfig(store, store.add('{"os":1}', mediaTypes.config)),
      `sha256:[0-9a-f]{64}: "os" is not a string`,
    ],
    [
      'its configuration is no JSON',
      (store) => ofConfig(store, store.add('[]', mediaTypes.config)),
      'sha256:[0-9a-f]{64} is not a JSON object',
    ],
    [
      'an index leads to another index',
      (store) => ofManifests(store, [{ ...ofManifests(store, []), ...platformOf('amd64') }]),
      'sha256:[0-9a-f]{64} lists an index, sha256:[0-9a-f]{64}, for linux/amd64',
    ],
  ])('is not read where %s', async (_, make, message) => {
    const [[text, ...more] = [], ...others] = await said(make);
    expect(text).toMatch(new RegExp(`^The image REGISTRY/image:1 cannot be read: ${message}\\.$`));
    expect(more).toStrictEqual([CHECK_NAME, '{"reference":"REGISTRY/image:1"}']);
    expect(others).toStrictEqual([]);
  });

  test('may have a configuration of 4 MiB', async () => {
    const config = JSON.stringify({ os: 'linux', architecture: 'amd64' }).padEnd(4 * MIB);
    const found = await said((store) => ofConfig(store, store.add(config, mediaTypes.config)));
    expect(found).toStrictEqual([]);
  });

  test.each<[string, (store: Contents) => readonly object[], string, string]>([
    ['none at all', () => [], 'it names no platform', CHECK_NAME],
    [
      'attestations, and what has no platform',
      (store) =>
        [store.image(), { ...store.image(), ...platformOf('unknown') }].map((one, at) =>
          at === 0 ? one : { ...one, platform: { os: 'unknown', architecture: 'unknown' } },
        ),
      'it names no platform',
      CHECK_NAME,
    ],
    [
      'those of others, one of them twice',
      (store) =>
        ['arm64', 's390x', 'aarch64', 'odd'].map((name) => ({
          ...store.image(),
          ...platformOf(name),
        })),
      'it has linux/arm64, linux/s390x, linux/odd',
      'Build for linux/arm64, linux/s390x, linux/odd alone ("platforms"), or choose another that has linux/amd64.',
    ],
  ])('has no image for a platform where its index lists %s', async (_, list, there, remedy) => {
    expect(await said((store) => ofManifests(store, list(store)))).toStrictEqual([
      [
        `The image REGISTRY/image:1 has no image for linux/amd64; ${there}.`,
        remedy,
        '{"reference":"REGISTRY/image:1","platform":"linux/amd64"}',
      ],
    ]);
  });

  test('is that of another platform whatever an index says of it', async () => {
    const found = await said((store) =>
      ofManifests(store, [{ ...store.image({ platform: 'linux/arm64' }), ...platformOf('amd64') }]),
    );
    expect(found.map(([message]) => message)).toStrictEqual([
      'The image REGISTRY/image:1 has no image for linux/amd64; it has linux/arm64.',
    ]);
  });

  test('is found beside attestations, by its platform alone', async () => {
    const { host, reader, store } = await served((filled) => {
      const image = filled.image();
      const attestation = { ...image, platform: { os: 'unknown', architecture: 'unknown' } };
      filled.tag(
        'image:1',
        ofManifests(filled, [filled.image(), attestation, { ...image, ...platformOf('amd64') }]),
      );
    });
    const { value } = await reader.read('The image', `${host}/image:1`, [AMD]);
    expect(value?.images.map(({ platform, digest }) => [platform, digest])).toStrictEqual([
      [AMD, store.image().digest],
    ]);
    expect(value?.images[0]?.config.architecture).toBe('amd64');
    expect(value?.images[0]?.manifest.kind).toBe('manifest');
  });
});

describe('a reference to an image', () => {
  test('that has no tag is that of "latest"', async () => {
    const { host, reader, store } = await served((filled) =>
      filled.tag('image:latest', filled.image()),
    );
    const { value } = await reader.read('The image', `${host}/image`, [AMD]);
    expect(value?.digest).toBe(store.tags.get('image:latest'));
  });

  test('that is none is said, and nobody is asked', async () => {
    const { host, reader, asked } = await served(() => {});
    const { findings } = await reader.read('The image', `${host}/Image:1`, [AMD]);
    expect(findings).toMatchObject([
      {
        code: 'builder-unusable',
        subject: { reference: `${host}/Image:1` },
        message: expect.stringMatching(/^The image \S+ cannot be read: ./),
      },
    ]);
    expect(asked()).toStrictEqual([]);
  });

  test('of another registry than Docker Hub is asked of no mirror', async () => {
    const mirror = await served((store) => store.tag('image:1', store.image()));
    const { host } = await served((store) => store.tag('image:1', store.image()));
    const reader = createImageReader({ client: clientFor(), mirrors: [mirror.host] });
    expect((await reader.read('The image', `${host}/image:1`, [AMD])).findings).toBeUndefined();
    expect(mirror.asked()).toStrictEqual([]);
  });
});

describe('a run that is ended', () => {
  /** Reads an image for two platforms, and ends the run at a request. */
  async function read(at: (path: string) => boolean) {
    const controller = new AbortController();
    const { host } = await served(
      (store) =>
        store.tag('image:1', ofManifests(store, [{ ...store.image(), ...platformOf('amd64') }])),
      (path) => {
        if (at(path)) controller.abort();
      },
    );
    const { signal } = controller;
    const reader: ImageReader = createImageReader({ client: clientFor(), mirrors: [], signal });
    return reader.read('The image', `${host}/image:1`, [AMD]);
  }

  test.each<[string, (path: string) => boolean]>([
    ['what the reference names', (path) => path.endsWith('/manifests/1')],
    ['the manifest of a platform', (path) => path.includes('/manifests/sha256:')],
    ['its configuration', (path) => path.includes('/blobs/')],
  ])('while %s is read ends with its AbortError', async (_, at) => {
    await expect(read(at)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
