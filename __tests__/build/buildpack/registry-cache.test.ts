import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OpenPlace } from '../../../src/build/buildpack/place.js';
import {
  bringCache,
  hasRegistryCache,
  keepCache,
} from '../../../src/build/buildpack/registry-cache.js';
import type { BuildpackPlan, Finding } from '../../../src/evidence/index.js';
import { DOCUMENT_LIMIT, digestOf, mediaTypes } from '../../../src/oci/index.js';
import { type Http, realPorts } from '../../../src/ports/index.js';
import { changes } from '../../publish/rig.js';
import { clientFor, embedded, http, rejection, tagsOf, type Watched } from '../../registry/rig.js';
import { buildpackOrder } from './order.js';

const METADATA = 'io.buildpacks.lifecycle.cache.metadata';
const BUILT = 'build/cache';
const OWN = 'webapp-linux-arm64';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sea-trial-cache-'));
});
afterEach(() => rm(home, { recursive: true }));

/** What a test changes of an image in which the lifecycle keeps its cache. */
interface Changes {
  readonly labels?: object;
  readonly architecture?: string;
  readonly manifest?: object;
  readonly configSize?: number;
}

/** Puts such an image under a tag; two of its layers are one blob. */
async function put(host: string, path: string, tag: string, changed: Changes = {}) {
  const repository = clientFor().repository(host, path);
  const blob = async (mediaType: string, content: string) => {
    const bytes = Buffer.from(content);
    const descriptor = { digest: digestOf(bytes), size: bytes.length };
    await repository.putBlob({ ...descriptor, open: () => Readable.from([bytes]) });
    return { mediaType, ...descriptor };
  };
  const { labels = { [METADATA]: '{}' }, architecture = '', manifest, configSize } = changed;
  const rootfs = { type: 'layers', diff_ids: [] };
  const config = await blob(
    mediaTypes.config,
    JSON.stringify({ architecture, os: 'linux', config: { Labels: labels }, rootfs }),
  );
  const layer = await blob(mediaTypes.layer, `a layer of ${tag}`);
  const document = manifest ?? {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { ...config, size: configSize ?? config.size },
    layers: [layer, layer],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const { mediaType } = JSON.parse(`${bytes}`);
  await repository.putManifest(tag, { bytes, mediaType });
  return { digest: digestOf(bytes), layer: layer.digest };
}

const INDEX = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] };

/** Answers what matches with a status. */
function answering(pattern: RegExp, status: number): Http {
  return async (request) => {
    const answer = await http(request);
    return pattern.test(`${request.method} ${request.url}`) ? { ...answer, status } : answer;
  };
}

async function world() {
  const [far, near] = await Promise.all([embedded(), embedded()]);
  const place = { registry: near, cacheRepository: BUILT, tag: 'built', home };
  const order = (plan: Partial<BuildpackPlan>, cacheHttp: Http = http) =>
    buildpackOrder(plan, {
      files: realPorts().files,
      client: clientFor(),
      cacheClient: clientFor({ http: cacheHttp }),
    });
  return { far, near, place: place as unknown as OpenPlace, order };
}

const entry = ({ host }: Watched, path: string) => `type=registry,ref=${host}/acme/${path}`;
const tools = (signal?: AbortSignal) => ({
  ports: realPorts(),
  ...(signal === undefined ? {} : { signal }),
});

const detailOf = (findings: readonly Finding[]) => findings.flatMap(({ detail = [] }) => detail);

test.each([
  [[], [], false],
  [['type=registry,ref=r.io/a'], [], true],
  [[], ['type=registry,ref=r.io/a'], true],
])('a build with the caches %j and %j keeps them in registries: %s', (from, to, expected) => {
  expect(hasRegistryCache({ cacheFrom: from, cacheTo: to })).toBe(expected);
});

describe('the cache of a build with buildpacks that is brought from a registry', () => {
  test('is that of the image and platform, each blob once, and leaves no file behind', async () => {
    const { far, near, place, order } = await world();
    const { digest, layer } = await put(far.host, 'acme/one', OWN);
    const start = far.requests().length;
    const asked = order({ cacheFrom: [entry(far, 'one')] });
    expect(await bringCache(asked, place, tools())).toStrictEqual([]);
    const brought = await clientFor().repository(near.host, BUILT).getManifest('built');
    expect(brought.digest).toBe(digest);
    const uploads = changes(near).filter((line) => line.startsWith('upload'));
    expect(uploads).toHaveLength(2);
    expect(uploads).toContain(`upload ${BUILT} ${layer}`);
    // What is in it is read by its digest, and nothing of another platform or image is asked for.
    const tags = far
      .requests()
      .slice(start)
      .map(({ url }) => url.split('/manifests/')[1]);
    expect(tags.filter((tag) => tag !== undefined)).toEqual([OWN]);
    expect(await readdir(home)).toEqual([]);
  });

  test('is the first that there is, and no other is read then', async () => {
    const { far, near, place, order } = await world();
    const { digest } = await put(far.host, 'acme/two', OWN);
    await put(far.host, 'acme/three', OWN, { labels: { [METADATA]: '{"a":1}' } });
    const start = far.requests().length;
    const cacheFrom = ['one', 'two', 'three'].map((path) => entry(far, path));
    expect(await bringCache(order({ cacheFrom }), place, tools())).toStrictEqual([]);
    const brought = await clientFor().repository(near.host, BUILT).getManifest('built');
    expect(brought.digest).toBe(digest);
    const asked = far
      .requests()
      .slice(start)
      .map(({ url }) => url);
    expect(asked.filter((url) => url.includes('/three/'))).toEqual([]);
    expect(asked.filter((url) => url.includes('/one/'))).toHaveLength(1);
  });

  test('is not asked for where the cache is to be cleared, or none is named', async () => {
    const { far, place, order } = await world();
    const cleared = order({ cacheFrom: [entry(far, 'one')], clearCache: true });
    expect(await bringCache(cleared, place, tools())).toStrictEqual([]);
    expect(await bringCache(order({}), place, tools())).toStrictEqual([]);
    expect(await bringCache(order({ cacheFrom: ['type=inline'] }), place, tools())).toStrictEqual(
      [],
    );
    expect(far.requests()).toEqual([]);
  });

  test.each<[string, Changes, string]>([
    ['is an index', { manifest: INDEX }, 'it is not the manifest of one image'],
    ['is none of the lifecycle', { labels: {} }, `it has no label ${METADATA}`],
    ['is for another platform', { architecture: 'amd64' }, 'it is for linux/amd64'],
    [
      'has too large a configuration',
      { configSize: DOCUMENT_LIMIT + 1 },
      `its configuration has ${DOCUMENT_LIMIT + 1} bytes`,
    ],
  ])('is left where what a tag serves %s; the next one is taken', async (_, changed, words) => {
    const { far, near, place, order } = await world();
    await put(far.host, 'acme/one', OWN, changed);
    const { digest } = await put(far.host, 'acme/two', OWN, { architecture: 'arm64' });
    const cacheFrom = ['one', 'two'].map((path) => entry(far, path));
    const findings = await bringCache(order({ cacheFrom }), place, tools());
    expect(findings).toMatchObject([
      {
        code: 'cache-unread',
        severity: 'note',
        subject: { image: 'webapp', platform: 'linux/arm64' },
        message: 'A cache could not be read; the build continued without it.',
      },
    ]);
    const reference = `${far.host}/acme/one:${OWN}`;
    expect(detailOf(findings)).toEqual([
      `${reference}: ${reference} is no cache of a build with buildpacks: ${words}`,
    ]);
    const brought = await clientFor().repository(near.host, BUILT).getManifest('built');
    expect(brought.digest).toBe(digest);
  });

  test('that its registry refuses is told, unless that was told already', async () => {
    const { far, near, place, order } = await world();
    const cacheFrom = [entry(far, 'one'), entry(far, 'two')];
    const asked = order({ cacheFrom }, answering(/\/acme\/(?:one|two)\//, 403));
    const findings = await bringCache(asked, place, tools());
    expect(detailOf(findings)).toEqual([
      expect.stringMatching(new RegExp(`^${far.host}/acme/one:${OWN}: .*403`)),
      expect.stringMatching(new RegExp(`^${far.host}/acme/two:${OWN}: .*403`)),
    ]);
    const told = { ...asked, refusedCaches: new Set([`${far.host}/acme/one`]) };
    expect(detailOf(await bringCache(told, place, tools()))).toEqual([
      expect.stringMatching(/acme\/two/),
    ]);
    const all = new Set(['one', 'two'].map((path) => `${far.host}/acme/${path}`));
    expect(await bringCache({ ...asked, refusedCaches: all }, place, tools())).toStrictEqual([]);
    expect(await tagsOf(near.host, BUILT)).toEqual([]);
  });

  test('whose layer has other bytes is not there, and no part of it stays', async () => {
    const { far, near, place, order } = await world();
    const { layer } = await put(far.host, 'acme/one', OWN);
    const other: Http = async (request) => {
      const answer = await http(request);
      if (request.method !== 'GET' || !request.url.endsWith(layer)) return answer;
      return { ...answer, body: Readable.from([Buffer.from(`another of ${OWN}`)]) };
    };
    const asked = order({ cacheFrom: [entry(far, 'one')] }, other);
    expect(detailOf(await bringCache(asked, place, tools()))).toHaveLength(1);
    expect(await tagsOf(near.host, BUILT)).toEqual([]);
    expect(await readdir(home)).toEqual([]);
  });

  test('is no matter of the run where that was interrupted, nor is a fault of ours', async () => {
    const { far, place, order } = await world();
    const stop = new AbortController();
    const stopping: Http = (request) => {
      stop.abort(new Error('SIGTERM'));
      return http(request);
    };
    const cacheFrom = [entry(far, 'one')];
    const asked = order({ cacheFrom }, stopping);
    expect(await rejection(bringCache(asked, place, tools(stop.signal)))).toEqual(
      new Error('SIGTERM'),
    );
    const ours = new TypeError('a fault of ours');
    const broken = order({ cacheFrom }, () => Promise.reject(ours));
    expect(await rejection(bringCache(broken, place, tools()))).toBe(ours);
  });
});

describe('the cache that a build with buildpacks has left', () => {
  test('is carried to each place of the image and platform', async () => {
    const { far, near, place, order } = await world();
    const { digest } = await put(near.host, BUILT, 'built');
    const cacheTo = [entry(far, 'one'), entry(far, 'two')];
    expect(await keepCache(order({ cacheTo }), place, tools())).toStrictEqual([]);
    for (const path of ['one', 'two']) {
      const kept = await clientFor().repository(far.host, `acme/${path}`).getManifest(OWN);
      expect(kept.digest).toBe(digest);
    }
    expect(changes(far).filter((line) => line.startsWith('upload acme/one'))).toHaveLength(2);
  });

  test('is not written again where it is there', async () => {
    const { far, near, place, order } = await world();
    await put(near.host, BUILT, 'built');
    const asked = order({ cacheTo: [entry(far, 'one')] });
    await keepCache(asked, place, tools());
    const start = far.requests().length;
    expect(await keepCache(asked, place, tools())).toStrictEqual([]);
    expect(
      far
        .requests()
        .slice(start)
        .map(({ method }) => method),
    ).toEqual(['HEAD']);
  });

  test('is written over another one', async () => {
    const { far, near, place, order } = await world();
    await put(far.host, 'acme/one', OWN);
    const { digest } = await put(near.host, BUILT, 'built');
    await keepCache(order({ cacheTo: [entry(far, 'one')] }), place, tools());
    const kept = await clientFor().repository(far.host, 'acme/one').getManifest(OWN);
    expect(kept.digest).toBe(digest);
  });

  test('is a warning where it cannot be written, and is written elsewhere all the same', async () => {
    const { far, near, place, order } = await world();
    const { digest } = await put(near.host, BUILT, 'built');
    const cacheTo = [entry(far, 'one'), entry(far, 'two')];
    const asked = order({ cacheTo }, answering(/^POST .*\/acme\/one\//, 403));
    const findings = await keepCache(asked, place, tools());
    expect(findings).toMatchObject([
      {
        code: 'registry-failed',
        severity: 'warning',
        subject: { image: 'webapp', platform: 'linux/arm64' },
        message: expect.stringMatching(
          new RegExp(`^The cache ${far.host}/acme/one:${OWN} was not written: .*403.*\\.$`),
        ),
        remedy: expect.stringMatching(/^Check that its registry can be reached/),
      },
    ]);
    expect(await tagsOf(far.host, 'acme/one')).toEqual([]);
    const kept = await clientFor().repository(far.host, 'acme/two').getManifest(OWN);
    expect(kept.digest).toBe(digest);
  });

  test.each<[string, Changes | undefined, RegExp]>([
    ['there is none', undefined, /was not written: .*404/],
    ['it is another kind', { manifest: INDEX }, /the lifecycle has left another\.$/],
  ])('is told where %s', async (_, left, words) => {
    const { far, near, place, order } = await world();
    if (left !== undefined) await put(near.host, BUILT, 'built', left);
    const findings = await keepCache(order({ cacheTo: [entry(far, 'one')] }), place, tools());
    expect(findings.map(({ message }) => message)).toEqual([expect.stringMatching(words)]);
    expect(await tagsOf(far.host, 'acme/one')).toEqual([]);
  });

  test('is no matter of a run that was interrupted, and nothing where no place is named', async () => {
    const { far, near, place, order } = await world();
    await put(near.host, BUILT, 'built');
    expect(await keepCache(order({}), place, tools())).toStrictEqual([]);
    const stop = new AbortController();
    const stopping: Http = (request) => {
      stop.abort(new Error('SIGTERM'));
      return http(request);
    };
    const asked = order({ cacheTo: [entry(far, 'one')] }, stopping);
    expect(await rejection(keepCache(asked, place, tools(stop.signal)))).toEqual(
      new Error('SIGTERM'),
    );
  });
});
