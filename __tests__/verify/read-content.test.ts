import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import type { Descriptor } from '../../src/evidence/index.js';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import { openRequestGroup, RegistryError, type Repository } from '../../src/registry/index.js';
import { blobReader } from '../../src/verify/read-blobs.js';
import { readContent } from '../../src/verify/read-content.js';
import { type Blobs, blobs, makeImage } from '../registry/images.js';
import { rejection } from '../registry/rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm/v7'];

/** What a registry serves instead of a document or a blob that is there. */
interface Instead {
  readonly mediaType?: string;
  readonly claimed?: string;
  readonly bytes?: string;
  readonly error?: RegistryError;
  /** What the registry calls a blob. */
  readonly called?: string;
}

const failure = (code: ConstructorParameters<typeof RegistryError>[0]['code'], detail?: string) =>
  new RegistryError({
    code,
    request: 'GET r.example',
    status: code === 'server' ? 503 : 404,
    ...(detail === undefined ? {} : { detail }),
  });

/** A repository with everything in the store, each document of the type that its index says. */
function repositoryOf(store: Blobs, instead: Readonly<Record<string, Instead>> = {}) {
  const asked: string[] = [];
  const repository = {
    async getManifest(digest: string, reading: { readonly fresh?: boolean }) {
      asked.push(`manifest ${digest} ${reading.fresh}`);
      const { error, bytes, claimed, mediaType } = instead[digest] ?? {};
      if (error !== undefined) throw error;
      const found = bytes === undefined ? store.all.get(digest) : Buffer.from(bytes);
      if (found === undefined) throw failure('not-found');
      const type = mediaType ?? JSON.parse(found.toString()).mediaType;
      return { bytes: found, mediaType: type, digest, claimed };
    },
    async checkBlob({ digest, fresh }: { readonly digest: string; readonly fresh?: boolean }) {
      asked.push(`blob ${digest} ${fresh}`);
      const { error, called } = instead[digest] ?? {};
      if (error !== undefined) throw error;
      if (!store.all.has(digest)) throw failure('not-found', 'it is not there');
      return called;
    },
  } as unknown as Repository;
  return { repository, asked };
}

async function contentOf(
  store: Blobs,
  index: Descriptor,
  instead: Readonly<Record<string, Instead>> = {},
) {
  const { repository, asked } = repositoryOf(store, instead);
  const limit = pLimit(4);
  const group = openRequestGroup();
  const readBlob = blobReader(repository, limit);
  const work = readContent({ repository, readBlob, limit, group }, index);
  return { content: await work, asked };
}

function image(platforms: readonly string[] = PLATFORMS) {
  const store = blobs();
  const made = makeImage(store, 'greeter', platforms);
  store.all.set(made.index.descriptor.digest, made.index.bytes);
  return { store, made, index: made.index.descriptor };
}

/** An index of these entries, in the store. */
function indexOf(store: Blobs, manifests: readonly object[], more: object = {}) {
  const document = { schemaVersion: 2, mediaType: mediaTypes.index, manifests, ...more };
  return store.add(JSON.stringify(document), mediaTypes.index);
}

const WRONG = digestOf('something else');

test('what is right has no fault: every document and every blob is read, once and anew', async () => {
  const { store, made, index } = image();
  const { content, asked } = await contentOf(store, index);
  expect(content.faults).toEqual([]);
  expect(content.index).toEqual(index);
  expect(content.platforms).toEqual(
    made.platforms.map(({ platform, manifest, config, layers }) => ({
      platform,
      manifest,
      config,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    })),
  );
  expect(content.attestations).toEqual(
    made.platforms.map(({ manifest, attestations: [attestation] }) => ({
      mediaType: attestation?.mediaType,
      digest: attestation?.digest,
      size: attestation?.size,
      subject: manifest.digest,
    })),
  );
  expect(asked.every((line) => line.endsWith(' true'))).toBe(true);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked.map((line) => line.split(' ')[1]).sort()).toEqual([...store.all.keys()].sort());
});

describe('a fault names the part, its digest and its platform', () => {
  const parts = (made: ReturnType<typeof image>['made']) =>
    made.platforms.flatMap(({ platform, manifest, config, layers, attestations }) => [
      { part: `the manifest of ${platform}`, platform, digest: manifest.digest },
      { part: `the configuration of ${platform}`, platform, digest: config.digest },
      ...layers.map(({ digest }, at) => ({
        part: `layer ${at + 1} of ${platform}`,
        platform,
        digest,
      })),
      ...attestations.map(({ digest }) => ({
        part: `the manifest of the attestation of ${platform}`,
        digest,
      })),
    ]);

  const isDocument = (part: string) => part.includes('manifest') || part.includes('index');

  test('what is missing, with what the registry answers', async () => {
    const { store, made, index } = image();
    for (const where of [...parts(made), { part: 'the index', digest: index.digest }]) {
      const error = failure('not-found');
      const { content } = await contentOf(store, index, { [where.digest]: { error } });
      const detail = 'the registry answers 404';
      expect(content.faults).toEqual([{ kind: 'missing', ...where, detail }]);
    }
  });

  test('other bytes, with what they are', async () => {
    const { store, made, index } = image();
    for (const where of parts(made)) {
      const error = failure('wrong-digest', 'its bytes are others');
      const { content } = await contentOf(store, index, { [where.digest]: { error } });
      expect(content.faults).toEqual([
        { kind: 'corrupt', ...where, detail: 'its bytes are others' },
      ]);
    }
  });

  test('other bytes of a document, also where it is not said which', async () => {
    const { store, index } = image();
    const error = failure('wrong-digest');
    const { content } = await contentOf(store, index, { [index.digest]: { error } });
    const where = { part: 'the index', digest: index.digest };
    expect(content.faults).toEqual([{ kind: 'corrupt', ...where, detail: 'its bytes differ' }]);
  });

  test('another name in the header', async () => {
    const { store, made, index } = image();
    for (const where of parts(made)) {
      const instead = isDocument(where.part) ? { claimed: WRONG } : { called: WRONG };
      const { content } = await contentOf(store, index, { [where.digest]: instead });
      const detail = `Docker-Content-Digest is ${WRONG}`;
      expect(content.faults).toEqual([{ kind: 'wrongClaim', ...where, detail }]);
      // Its bytes are right, so that what is below it is read all the same.
      expect(content.platforms.every(({ layers }) => layers.length === 2)).toBe(true);
    }
  });

  test('another type than its descriptor says', async () => {
    const { store, made, index } = image();
    const [amd64] = made.platforms;
    const digest = amd64?.manifest.digest ?? '';
    const { content } = await contentOf(store, index, { [digest]: { mediaType: 'text/plain' } });
    const where = { part: 'the manifest of linux/amd64', platform: 'linux/amd64', digest };
    expect(content.faults).toEqual([
      {
        kind: 'malformed',
        ...where,
        detail: `Content-Type is "text/plain", its descriptor says ${mediaTypes.manifest}`,
      },
      {
        kind: 'malformed',
        ...where,
        detail: `its mediaType is ${mediaTypes.manifest}, Content-Type is "text/plain"`,
      },
    ]);
  });
});

test('a registry that fails is no fault of the content', async () => {
  const { store, made, index } = image();
  const [amd64] = made.platforms;
  for (const digest of [index.digest, amd64?.manifest.digest, amd64?.layers[0]?.digest]) {
    const error = failure('server');
    const failed = contentOf(store, index, { [digest ?? '']: { error } });
    expect(await rejection(failed)).toBe(error);
  }
  const ours = Object.assign(new TypeError('a fault of ours'), { code: 'not-found' });
  const broken = contentOf(store, index, {
    [index.digest]: { error: ours as unknown as RegistryError },
  });
  expect(await rejection(broken)).toBe(ours);
});

describe('an index', () => {
  test('of another size than its descriptor says is corrupt', async () => {
    const { store, index } = image();
    const { content } = await contentOf(store, { ...index, size: index.size + 1 });
    expect(content.faults).toEqual([
      {
        kind: 'corrupt',
        part: 'the index',
        digest: index.digest,
        detail: `${index.size} bytes, its descriptor says ${index.size + 1}`,
      },
    ]);
    expect(content.platforms).toHaveLength(2);
  });

  test('that is not there serves nothing', async () => {
    const { store, index } = image();
    const { content } = await contentOf(store, { ...index, digest: WRONG });
    expect(content).toMatchObject({ platforms: [], attestations: [] });
    expect(content.index).toBeUndefined();
    expect(content.faults.map(({ kind }) => kind)).toEqual(['missing']);
  });

  test.each([
    [
      'is a manifest',
      '{"config":{}}',
      [
        'the index: "schemaVersion" is not 2',
        'the index, config: it has no mediaType',
        'the index, config: "" is not a digest',
        'the index, config: it has no size',
      ],
    ],
    ['is no JSON', 'no JSON', [expect.stringMatching(/^the index is not JSON: /)]],
  ])('that %s serves no platform', async (_, bytes, details) => {
    const { store, index } = image();
    const served = { bytes, mediaType: mediaTypes.index };
    const { content } = await contentOf(
      store,
      { ...index, size: bytes.length },
      { [index.digest]: served },
    );
    expect(content).toMatchObject({ index: { digest: index.digest }, platforms: [] });
    expect(content.faults.map(({ detail }) => detail)).toEqual(details);
    for (const fault of content.faults) {
      expect(fault).toMatchObject({ kind: 'malformed', part: 'the index', digest: index.digest });
    }
  });

  test('in the place of a manifest is told as one', async () => {
    const { store } = image();
    const inner = indexOf(store, []);
    const platform = { os: 'linux', architecture: 'amd64' };
    const outer = indexOf(store, [{ ...inner, platform }]);
    const { content } = await contentOf(store, outer);
    expect(content.faults).toEqual([
      {
        kind: 'malformed',
        part: 'the manifest of linux/amd64',
        platform: 'linux/amd64',
        digest: inner.digest,
        detail: 'it is an image index',
      },
    ]);
    expect(content.platforms).toEqual([{ platform: 'linux/amd64', manifest: inner, layers: [] }]);
  });

  test('has platforms by their usual names, and entries without one', async () => {
    const { store, made } = image(['linux/arm64']);
    const [{ manifest }] = made.platforms as [(typeof made.platforms)[number]];
    const index = indexOf(store, [
      { ...manifest, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { ...manifest, platform: { os: 'plan9', architecture: 'mips', variant: 'x' } },
      manifest,
    ]);
    const { content } = await contentOf(store, index);
    expect(content.platforms.map(({ platform }) => platform)).toEqual([
      'linux/arm64',
      'plan9/mips/x',
      'no platform',
    ]);
  });

  test('has attestations about what it does not list, or about nothing', async () => {
    const { store, made } = image(['linux/arm64']);
    const [{ manifest, attestations }] = made.platforms as [(typeof made.platforms)[number]];
    const [{ mediaType, digest, size }] = attestations as [(typeof attestations)[number]];
    const entry = (of?: string) => ({
      mediaType,
      digest,
      size,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        ...(of === undefined ? {} : { 'vnd.docker.reference.digest': of }),
      },
    });
    const index = indexOf(store, [
      { ...manifest, platform: { os: 'linux', architecture: 'arm64' } },
      entry(WRONG),
    ]);
    const { content } = await contentOf(store, index, {
      [digest]: { error: failure('not-found') },
    });
    expect(content.attestations).toEqual([{ mediaType, digest, size, subject: WRONG }]);
    expect(content.faults.map(({ part }) => part)).toEqual(['the manifest of an attestation']);
    const without = indexOf(store, [entry()]);
    const { content: alone } = await contentOf(store, without);
    expect(alone.attestations).toEqual([{ mediaType, digest, size }]);
  });
});

test('a layer that its licence keeps out of registries is not looked for', async () => {
  const { store, made } = image(['linux/amd64']);
  const [{ config }] = made.platforms as [(typeof made.platforms)[number]];
  const foreign = {
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    digest: WRONG,
    size: 1,
  };
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: [foreign],
  };
  const manifest = store.add(JSON.stringify(document), mediaTypes.manifest);
  const platform = { os: 'linux', architecture: 'amd64' };
  const { content, asked } = await contentOf(store, indexOf(store, [{ ...manifest, platform }]));
  expect(content.faults).toEqual([]);
  expect(content.platforms).toMatchObject([{ layers: [foreign] }]);
  expect(asked.some((line) => line.includes(WRONG))).toBe(false);
});

test('a document that does not say its own type is what the registry calls it', async () => {
  const { store } = image();
  const bare = store.add('{"schemaVersion":2,"manifests":[]}', mediaTypes.index);
  const served = { mediaType: mediaTypes.index };
  const { content } = await contentOf(store, bare, { [bare.digest]: served });
  expect(content).toEqual({ index: bare, platforms: [], attestations: [], faults: [] });
});

describe('a blob', () => {
  const BLOB = { mediaType: 'x/y', digest: digestOf('a blob'), size: 6 };
  const { signal } = new AbortController();

  function readerOf(check: (signal: AbortSignal) => Promise<string | undefined>) {
    let reads = 0;
    const repository = {
      checkBlob: (blob: { readonly signal: AbortSignal }) => {
        reads += 1;
        return check(blob.signal);
      },
    } as unknown as Repository;
    return { read: blobReader(repository, pLimit(2)), count: () => reads };
  }

  test('is read once for all callers, and another size is another read', async () => {
    const { read, count } = readerOf(async () => undefined);
    await Promise.all([read(BLOB, signal), read(BLOB, signal)]);
    await read(BLOB, signal);
    expect(count()).toBe(1);
    await read({ ...BLOB, size: 7 }, signal);
    expect(count()).toBe(2);
  });

  test('whose reader was stopped is read by the next caller', async () => {
    const stop = new AbortController();
    const abort = Object.assign(new Error('stopped'), { name: 'AbortError' });
    const { read, count } = readerOf((one) =>
      one.aborted ? Promise.reject(abort) : Promise.resolve(undefined),
    );
    stop.abort();
    const first = read(BLOB, stop.signal);
    const second = read(BLOB, signal);
    await expect(first).rejects.toBe(abort);
    expect(await second).toBeUndefined();
    expect(count()).toBe(2);
    // Whatever else ended the first is told the second too.
    const odd = readerOf(() => Promise.reject());
    await expect(odd.read(BLOB, signal)).rejects.toBeUndefined();
    await expect(odd.read(BLOB, signal)).rejects.toBeUndefined();
    expect(odd.count()).toBe(1);
    // One that is stopped itself does not begin again.
    const other = readerOf(() => Promise.reject(abort));
    const third = other.read(BLOB, stop.signal);
    const fourth = other.read(BLOB, stop.signal);
    await expect(third).rejects.toBe(abort);
    await expect(fourth).rejects.toBe(abort);
    expect(other.count()).toBe(1);
  });

  test('that a registry failed to give is not asked for again', async () => {
    const error = failure('server');
    const { read, count } = readerOf(() => Promise.reject(error));
    const both = [read(BLOB, signal), read(BLOB, signal)];
    for (const one of both) await expect(one).rejects.toBe(error);
    expect(count()).toBe(1);
  });

  test('that could not be read by a fault of ours is not called missing', async () => {
    const ours = Object.assign(new TypeError('a fault of ours'), { code: 'not-found' });
    const { read } = readerOf(() => Promise.reject(ours));
    await expect(read(BLOB, signal)).rejects.toBe(ours);
  });

  test('without a word of what is wrong is told with the status', async () => {
    const { read } = readerOf(() => Promise.reject(failure('not-found')));
    expect(await read(BLOB, signal)).toEqual({
      kind: 'missing',
      detail: 'the registry answers 404',
    });
  });
});
