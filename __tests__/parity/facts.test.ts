import { describe, expect, test } from '@jest/globals';
import type { PlatformBuilder, ResolvedBuild } from '../../src/buildpacks/index.js';
import {
  type ImageSettings,
  lockImage,
  pinFacts,
  type SourcePins,
} from '../../src/parity/index.js';
import { METADATA, resolvedBuilder, served } from '../buildpacks/builders.js';

const [linux] = resolvedBuilder(
  'a/builder:1',
  [{ id: 'a/b', version: '1' }],
  ['linux/amd64'],
).platforms;

/** What a lock keeps of a builder on one platform. */
function factsOf(more: Partial<PlatformBuilder>) {
  if (linux === undefined) throw new Error('it has no platform');
  const builder = resolvedBuilder('a/builder:1', [], []);
  const build = { builder: { ...builder, platforms: [{ ...linux, ...more }] }, runImages: [] };
  return pinFacts(build as ResolvedBuild);
}

describe('what a lock keeps of a builder', () => {
  test('are its buildpacks, sorted, and its groups with their versions', () => {
    const buildpacks = ['b/two@2', 'a/one@1', 'a/one@0'].map((text) => {
      const [id = '', version = ''] = text.split('@');
      return { id, version, api: '0.10', order: [] };
    });
    const order = [
      [
        { id: 'b/two', version: '' },
        { id: 'a/one', version: '1', optional: true },
      ],
      [{ id: 'c/none', version: '' }],
    ];
    const distribution = 'ubuntu 24.04';
    expect(factsOf({ buildpacks, order, distribution } as Partial<PlatformBuilder>)).toStrictEqual({
      builder: {
        digest: 'sha256:i',
        platforms: [
          {
            ...{ platform: 'linux/amd64', digest: 'sha256:b', lifecycle: '0.21.17' },
            ...{ platformApi: '', distribution },
            buildpacks: ['a/one@0', 'a/one@1', 'b/two@2'],
            order: [['b/two@2', 'a/one@1 (optional)'], ['c/none@']],
          },
        ],
      },
      runImage: { digest: '', platforms: [] },
    });
  });

  test.each([
    [['0.9', '0.15', '0.7'], '0.15'],
    [['0.15', '1.0', '0.9'], '1.0'],
    [['1.2', '1.10', '1.9'], '1.10'],
    [['2', '1.9'], '2'],
    [['1', '1.1'], '1.1'],
    [[], ''],
  ])('is the newest of the Platform APIs %j', (platformApis, newest) => {
    const lifecycle = { version: '1', buildpackApis: [], platformApis };
    expect(factsOf({ lifecycle }).builder.platforms[0]?.platformApi).toBe(newest);
  });
});

describe('a lock of an image', () => {
  const time = new Date(Date.UTC(2026, 10, 30, 1, 18, 43, 999));
  const registry = () =>
    served((store) => {
      const images = [{ image: 'REGISTRY/run:1', mirrors: [] }];
      const builder = store.builder({ metadata: { ...METADATA, images } });
      store.tag('acme/builder:24', store.index([['linux/amd64', builder]]));
      store.tag('run:1', store.index([['linux/amd64', store.image()]]));
    });

  async function lockedBy(source: Partial<SourcePins> = {}, settings: Partial<ImageSettings> = {}) {
    const { host, store, reader } = await registry();
    const pins = {
      source: 'builder',
      builder: `${host}/acme/builder:24`,
      buildpacks: [],
      ...source,
    };
    const { signal } = new AbortController();
    const own = { platforms: ['linux/amd64'], env: [], injected: [], signal, ...settings };
    const read = await lockImage(pins, own, reader, time);
    const digest = (tag: string) => store.tags.get(tag) ?? '';
    return { host, digest, lock: 'lock' in read ? read.lock : undefined, read };
  }

  test('has its pins by digest, when it was read, and nothing that is not known', async () => {
    const { host, digest, lock } = await lockedBy();
    const { derived, ...rest } = lock ?? {};
    expect(rest).toStrictEqual({
      source: 'builder',
      time: '2026-11-30T01:18:43Z',
      ...{ injected: [], env: [], offers: {}, probed: [] },
      builder: `${host}/acme/builder:24@${digest('acme/builder:24')}`,
      runImage: `${host}/run:1@${digest('run:1')}`,
    });
    expect(derived?.runImage).toMatchObject({
      digest: digest('run:1'),
      platforms: [{ platform: 'linux/amd64' }],
    });
  });

  test('has what its source and its settings say', async () => {
    const { lock } = await lockedBy(
      {
        channel: 'deprecated',
        until: '2026-04-27',
        buildpacks: ['a/added@1', 'acme/python@1.2.3'],
      },
      { env: ['B', 'A'], process: 'web', injected: ['a/own@1', 'a/added@1'] },
    );
    expect(lock).toMatchObject({
      ...{ channel: 'deprecated', until: '2026-04-27', process: 'web', env: ['A', 'B'] },
      injected: ['a/own@1', 'a/added@1'],
    });
  });

  test('keeps a reference without a tag as it is', async () => {
    const { host, store, reader } = await registry();
    const builder = `${host}/acme/builder@${store.tags.get('acme/builder:24')}`;
    const { signal } = new AbortController();
    const read = await lockImage(
      { source: 'builder', builder, buildpacks: [] },
      { platforms: ['linux/amd64'], env: [], injected: [], signal },
      reader,
      time,
    );
    expect('lock' in read && read.lock.builder).toBe(builder);
  });

  test('is none where its builder cannot be read', async () => {
    const { read } = await lockedBy({ builder: 'localhost:9/none:1' });
    expect(read).toStrictEqual({ findings: [expect.objectContaining({ severity: 'error' })] });
  });
});
