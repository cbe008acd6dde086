import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { composeIndex } from '../../src/oci/index.js';
import type { Http } from '../../src/ports/index.js';
import { adoptIndex, readKept } from '../../src/publish/adopt-index.js';
import { publish } from '../../src/publish/index.js';
import type { PublishCourse } from '../../src/publish/job.js';
import type { TagMove, TagMoves } from '../../src/publish/tag-moves.js';
import { RegistryError, type Repository } from '../../src/registry/index.js';
import { type Blobs, blobs, type MadeImage, makeImage } from '../registry/images.js';
import {
  clientFor,
  embedded,
  errorBody,
  fakeClock,
  http,
  immutable,
  rejection,
  respond,
  serve,
} from '../registry/rig.js';
import { job, tagsIn, to } from './rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const made = (store: Blobs, build: string) => makeImage(store, 'greeter', PLATFORMS, build);
const digestIn = ({ index }: MadeImage) => index.descriptor.digest;

describe('what a tag keeps is read where its registry refuses to replace it', () => {
  const refused = new RegistryError({ code: 'refused', request: 'PUT r.example', status: 400 });
  const course = { signal: new AbortController().signal } as PublishCourse;

  /** Reads what a tag keeps whose registry answers with this error. */
  function reading(unread: Error, error: unknown = refused, existing?: 'fail' | 'same') {
    const repository = {
      async getManifest() {
        throw unread;
      },
    } as unknown as Repository;
    const target = { repository: 'r.example/app', tags: ['a'], existing };
    const destination = { target, repository, before: new Map() };
    const move = { destination, tag: 'a', serves: undefined } as TagMove;
    const image = { ...made(blobs(), 'one'), targets: [target] };
    const moves = { image, all: [move], manifests: [], index: image.index } as TagMoves;
    return readKept(course, moves, move, error);
  }

  const failure = (code: 'server' | 'not-found') =>
    new RegistryError({ code, request: 'GET r.example', status: 500 });

  test('without an answer nothing of it is known', async () => {
    expect(await reading(failure('server'))).toBeUndefined();
    expect(await reading(failure('not-found'))).toBeUndefined();
  });

  test('a fault of ours on the way is not hidden behind the refusal', async () => {
    const ours = new TypeError('a fault of ours');
    expect(await rejection(reading(ours))).toBe(ours);
  });

  test.each([
    ['no refusal', failure('server'), undefined],
    ['no answer of a registry', new Error('refused'), undefined],
    ['a tag that must not be there', refused, 'fail'],
  ] as const)('and not for %s', async (_, error, existing) => {
    const ours = new TypeError('it was read');
    expect(await reading(ours, error, existing)).toBeUndefined();
  });

  test('also where the right to write it is denied', async () => {
    const denied = new RegistryError({ code: 'denied', request: 'PUT r.example', status: 403 });
    const ours = new TypeError('it was read');
    expect(await rejection(reading(ours, denied))).toBe(ours);
  });
});

test('a second tag that keeps what cannot be published is told with the reason', async () => {
  const registry = await immutable();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  await publish(job(store, [to(made(store, 'one'), [repository, 'a'])]));
  await publish(job(store, [to(makeImage(store, 'other', PLATFORMS), [repository, 'b'])]));
  const ours = to(made(store, 'two'), [repository, 'a', 'b']);
  const { findings } = await publish(job(store, [ours]));
  expect(findings.map(({ code, subject }) => [code, subject.tag])).toEqual([
    ['index-taken-over', 'a'],
    ['registry-failed', 'b'],
  ]);
  expect(findings[1]?.message).toContain('it lists another manifest for linux/amd64, linux/arm64');
});

test('a tag that must not be there and comes to be there is not taken over', async () => {
  const registry = await immutable();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  let isThere = false;
  const racing: Http = async (request) => {
    if (!isThere && request.method === 'PUT' && request.url.endsWith('/manifests/a')) {
      isThere = true;
      await publish(job(store, [to(made(store, 'one'), [repository, 'a'])]));
    }
    return http(request);
  };
  const targets = [{ repository, tags: ['a'], existing: 'fail' as const }];
  const ours = { ...made(store, 'two'), targets };
  const { findings, publications } = await publish(job(store, [ours], { http: racing }));
  expect(findings.map(({ code }) => code)).toEqual(['registry-failed']);
  expect(publications[0]?.takenOver).toBeUndefined();
});

describe('an index that is kept needs what the builds attested', () => {
  async function meeting(there: MadeImage, ours: MadeImage, store: Blobs) {
    const registry = await immutable();
    const repository = `${registry.host}/acme/greeter`;
    await publish(job(store, [to(there, [repository, 'a'])]));
    const { findings } = await publish(job(store, [to(ours, [repository, 'a'])]));
    return findings.map(({ message }) => message);
  }

  function without(image: MadeImage, at: number): MadeImage {
    const platforms = image.platforms.map((one, place) =>
      place === at ? { ...one, attestations: [] } : one,
    );
    return { ...image, platforms, index: composeIndex(platforms) };
  }

  test('of every platform', async () => {
    const store = blobs();
    const there = without(made(store, 'one'), 1);
    expect(await meeting(there, made(store, 'two'), store)).toEqual([
      expect.stringContaining('it has no https://slsa.dev/provenance/v1 of linux/arm64'),
    ]);
  });

  test('also where it is not known what that was', async () => {
    const store = blobs();
    const [first, second] = made(store, 'two').platforms;
    if (first === undefined || second === undefined) throw new Error('it has two platforms');
    const attestations = first.attestations.map((one) => ({ ...one, predicateTypes: [] }));
    const platforms = [{ ...first, attestations }, second];
    const ours = { ...made(store, 'two'), platforms };
    const there = without(made(store, 'one'), 0);
    expect(await meeting(there, ours, store)).toEqual([
      expect.stringContaining('it has no attestation of linux/amd64'),
    ]);
  });

  test('and nothing of a platform that has none', async () => {
    const store = blobs();
    const there = without(made(store, 'one'), 0);
    const ours = without(made(store, 'two'), 0);
    expect(await meeting(there, ours, store)).toEqual([
      expect.stringContaining('is published in place of'),
    ]);
  });
});

test('an index that took the place of ours is sent again with its own parts alone', async () => {
  const [kept, free] = [await immutable(), await embedded()];
  const store = blobs();
  const [first, second] = [made(store, 'one'), made(store, 'two')];
  const [repository, mirror] = [`${kept.host}/acme/greeter`, `${free.host}/acme/mirror`];
  await publish(job(store, [to(first, [repository, 'a'])]));
  let failed = false;
  const { host } = await serve((_seen, response) =>
    respond(response, 404, errorBody('MANIFEST_UNKNOWN')),
  );
  const port: Http = (request) => {
    const { method, url } = request;
    const isIt = method === 'PUT' && url.includes(free.host) && url.endsWith(digestIn(first));
    if (!isIt || failed) return http(request);
    failed = true;
    return http({ ...request, url: `http://${host}/` });
  };
  const targets = [
    { repository, tags: ['a'] },
    { repository: mirror, tags: ['new'] },
  ];
  const start = free.requests().length;
  const { findings } = await publish(job(store, [{ ...second, targets }], { http: port }));
  expect([failed, findings.map(({ code }) => code)]).toEqual([true, ['index-taken-over']]);
  const asked = free
    .requests()
    .slice(start)
    .filter(({ method, url }) => method === 'HEAD' && url.includes('/manifests/sha256:'))
    .map(({ url }) => url.replace(/^.*\/manifests\//, ''));
  const listed = first.platforms.flatMap(({ manifest, attestations }) => [
    manifest,
    ...attestations,
  ]);
  expect([...new Set(asked)].sort()).toEqual(listed.map(({ digest }) => digest).sort());
  expect(await tagsIn(clientFor(), free.host, 'acme/mirror')).toEqual({ new: digestIn(first) });
});

test('an index that is taken over is known by what it lists', async () => {
  const store = blobs();
  const [first, second] = [made(store, 'one'), made(store, 'two')];
  const registry = await embedded();
  const target = { repository: `${registry.host}/acme/greeter`, tags: ['a'] };
  const client = clientFor();
  const repository = client.repository(registry.host, 'acme/greeter');
  await publish(job(store, [to(second, [target.repository, 'x'])]));
  await publish(job(store, [to(first, [target.repository, 'y'])]));
  const destination = { target, repository, before: new Map() };
  const move: TagMove = { destination, tag: 'a', serves: undefined };
  const contents = (image: MadeImage) =>
    image.platforms
      .flatMap(({ manifest, attestations }) => [manifest, ...attestations])
      .map((descriptor) => ({
        descriptor,
        bytes: store.all.get(descriptor.digest) ?? Buffer.alloc(0),
        blobs: [],
      }));
  const image = { ...second, targets: [target] };
  const moves: TagMoves = {
    image,
    all: [move],
    manifests: contents(second),
    index: second.index,
  };
  const attested = contents(first).filter(({ descriptor }) =>
    first.platforms.every(({ manifest }) => manifest.digest !== descriptor.digest),
  );
  const findings: PublishCourse['findings'] = [];
  const course = {
    job: { limit: pLimit(2), client, clock: fakeClock() },
    signal: new AbortController().signal,
    uploadBlob: async () => {},
    findings,
    stop() {},
  } as unknown as PublishCourse;
  await adoptIndex(course, moves, move, {
    index: first.index,
    content: attested,
    attestations: [],
  });
  const digests = moves.manifests.map(({ descriptor }) => descriptor.digest).sort();
  expect(digests).toEqual(
    contents(first)
      .map(({ descriptor }) => descriptor.digest)
      .sort(),
  );
  expect([move.serves, moves.index]).toEqual([digestIn(first), first.index]);
  expect(moves.takenOver).toEqual({
    reference: `${target.repository}:a`,
    composed: digestIn(second),
    attestations: [],
  });
  expect(findings).toMatchObject([{ subject: { image: 'greeter', tag: 'a' } }]);
});
