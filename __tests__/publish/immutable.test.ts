import { describe, expect, test } from '@jest/globals';
import { judge } from '../../src/evidence/index.js';
import { composeIndex, digestOf } from '../../src/oci/index.js';
import type { Http } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { evidenceOf, plannedImage, trialOf } from '../evidence/sample.js';
import { publishAndVerify } from '../pipeline/publish-and-verify.js';
import { type Blobs, blobs, type MadeImage, makeImage } from '../registry/images.js';
import {
  clientFor,
  embedded,
  errorBody,
  http,
  immutable,
  respond,
  serve,
} from '../registry/rig.js';
import { changes, job, tagsIn, to } from './rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const digestIn = ({ index }: MadeImage) => index.descriptor.digest;
const made = (store: Blobs, build: string) => makeImage(store, 'greeter', PLATFORMS, build);

/** A port over which nothing more gets through from the first request that matches. */
function breaking(pattern: RegExp): Http {
  let broken = false;
  return async (request) => {
    broken ||= pattern.test(`${request.method} ${request.url}`);
    if (broken) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    return http(request);
  };
}

/** Publishes what was tested and reads it back, as a run does. */
async function run(
  store: Blobs,
  { image, platforms }: MadeImage,
  targets: readonly { readonly repository: string; readonly tags: readonly string[] }[],
  port: Http = http,
) {
  const planned = plannedImage({ id: image, targets: [...targets], platforms: PLATFORMS });
  const trials = platforms.map((built) => trialOf(image, built.platform, { built }));
  const base = evidenceOf({ images: [planned], trials, publications: [], findings: [] });
  const outcome = await publishAndVerify(base, store, { client: clientFor({ http: port }) });
  const codes = outcome.findings.map(({ code }) => code);
  const { exitCode, images } = judge(outcome);
  return { ...outcome, codes, exitCode, verified: images[0]?.verified };
}

describe('a registry that keeps tags immutable', () => {
  test('a rerun after tag 1 of 2 moved ends green: its index is taken over for both', async () => {
    const registry = await immutable();
    const store = blobs();
    const [first, second] = [made(store, 'one'), made(store, 'two')];
    const targets = [{ repository: `${registry.host}/acme/greeter`, tags: ['a', 'b'] }];
    const cut = await run(store, first, targets, breaking(/^PUT .*\/manifests\/b$/));
    expect([cut.exitCode, cut.publications[0]?.targets.map(({ tag }) => tag)]).toEqual([3, ['a']]);

    const rerun = await run(store, second, targets);
    expect([rerun.codes, rerun.exitCode, rerun.verified]).toEqual([['index-taken-over'], 0, true]);
    expect(await tagsIn(clientFor(), registry.host, 'acme/greeter')).toEqual({
      a: digestIn(first),
      b: digestIn(first),
    });
    const [published] = rerun.publications;
    expect(published?.index).toEqual(first.index.descriptor);
    expect(published?.takenOver).toEqual({
      reference: `${registry.host}/acme/greeter:a`,
      composed: digestIn(second),
      attestations: first.platforms.map(({ manifest, attestations: [one] }) => ({
        ...one,
        subject: manifest.digest,
      })),
    });
    expect(published?.targets.map(({ tag, digest, kept }) => [tag, digest, kept])).toEqual([
      ['a', digestIn(first), true],
      ['b', digestIn(first), undefined],
    ]);
    const read = published?.served.map(({ attestations }) => attestations.map((one) => one.digest));
    const attested = first.platforms.map(({ attestations: [one] }) => one?.digest);
    for (const digests of read ?? []) expect([...digests].sort()).toEqual([...attested].sort());
  });

  test('a tag that serves our digest already is not written again', async () => {
    const registry = await immutable();
    const store = blobs();
    const targets = [{ repository: `${registry.host}/acme/greeter`, tags: ['a', 'b'] }];
    await run(store, made(store, 'one'), targets);
    const start = registry.requests().length;
    const again = await run(store, made(store, 'one'), targets);
    expect([again.codes, again.exitCode]).toEqual([[], 0]);
    expect(changes(registry, start).filter((line) => line.startsWith('tag'))).toEqual([]);
    const facts = again.publications[0]?.targets.map(({ kept, before }) => [kept, before?.digest]);
    expect(facts).toEqual(['a', 'b'].map(() => [true, digestIn(made(store, 'one'))]));
  });

  test('the index is in every repository before another tag moves', async () => {
    const [kept, free] = [await immutable(), await embedded()];
    const store = blobs();
    const [first, second] = [made(store, 'one'), made(store, 'two')];
    const repository = `${kept.host}/acme/greeter`;
    await run(store, first, [{ repository, tags: ['a'] }]);
    // The free tag serves the same platforms, too, and is written before the other is refused.
    const mirror = `${free.host}/acme/mirror`;
    await run(store, made(store, 'none'), [{ repository: mirror, tags: ['old'] }]);
    const start = free.requests().length;
    const rerun = await run(store, second, [
      { repository: mirror, tags: ['new', 'old'] },
      { repository, tags: ['a'] },
    ]);
    expect([rerun.codes, rerun.exitCode, rerun.verified]).toEqual([['index-taken-over'], 0, true]);
    const lines = changes(free, start).filter((line) => /^(tag|manifest)/.test(line));
    const behind = lines.slice(lines.indexOf('tag acme/mirror old') + 1);
    const attested = first.platforms.map(({ attestations: [one] }) => one?.digest);
    expect([...behind.slice(0, 2).sort(), ...behind.slice(2)]).toEqual([
      ...attested.sort().map((digest) => `manifest acme/mirror ${digest}`),
      `manifest acme/mirror ${digestIn(first)}`,
      'tag acme/mirror old',
      'tag acme/mirror new',
    ]);
    expect(await tagsIn(clientFor(), free.host, 'acme/mirror')).toEqual({
      new: digestIn(first),
      old: digestIn(first),
    });
  });

  /** What a tag keeps that cannot be published, and what is said of it. */
  const others: readonly (readonly [string, (store: Blobs) => MadeImage, RegExp])[] = [
    [
      'another manifest of a platform',
      (store) => {
        const [ours, other] = [made(store, 'one'), makeImage(store, 'other', PLATFORMS, 'one')];
        const platforms = [ours.platforms[0], other.platforms[1]].filter(
          (one) => one !== undefined,
        );
        return { ...ours, platforms, index: composeIndex(platforms) };
      },
      /it lists another manifest for linux\/arm64/,
    ],
    [
      'the platforms in another order',
      (store) => {
        const ours = made(store, 'one');
        const platforms = [...ours.platforms].reverse();
        return { ...ours, platforms, index: composeIndex(platforms) };
      },
      /its entries differ/,
    ],
    [
      'other annotations',
      (store) => {
        const ours = made(store, 'one');
        return { ...ours, index: composeIndex(ours.platforms, { 'org.example.version': '1' }) };
      },
      /its annotations differ/,
    ],
    [
      'no attestations',
      (store) => {
        const ours = made(store, 'one');
        const platforms = ours.platforms.map((one) => ({ ...one, attestations: [] }));
        return { ...ours, platforms, index: composeIndex(platforms) };
      },
      /it has no https:\/\/slsa\.dev\/provenance\/v1 of linux\/amd64/,
    ],
    [
      'an attestation under the name of a platform',
      (store) => {
        const ours = made(store, 'one');
        const written = JSON.parse(ours.index.bytes.toString());
        written.manifests[2].platform = { os: 'linux', architecture: 'amd64' };
        const bytes = Buffer.from(JSON.stringify(written));
        const descriptor = {
          ...ours.index.descriptor,
          digest: digestOf(bytes),
          size: bytes.length,
        };
        return { ...ours, index: { bytes, descriptor } };
      },
      /its entries differ/,
    ],
    [
      'attestations whose statements are about something else',
      (store) => {
        const [ours, other] = [made(store, 'one'), makeImage(store, 'other', PLATFORMS, 'one')];
        const platforms = ours.platforms.map((one, at) => ({
          ...one,
          attestations: other.platforms[at]?.attestations ?? [],
        }));
        return { ...ours, platforms, index: composeIndex(platforms) };
      },
      /its attestation sha256:\w+ has content other than statements about its image/,
    ],
  ];

  test.each(others)('is told with what it serves: %s', async (_name, change, words) => {
    const registry = await immutable();
    const store = blobs();
    const there = change(store);
    const repository = `${registry.host}/acme/greeter`;
    const before = await publish(job(store, [to(there, [repository, 'a'])]));
    expect(before.findings).toEqual([]);
    const ours = to(made(store, 'two'), [repository, 'new', 'a']);
    const { findings, publications } = await publish(job(store, [ours]));
    expect(findings).toMatchObject([
      { code: 'registry-failed', subject: { tag: 'a' }, message: expect.stringMatching(words) },
    ]);
    expect(findings[0]?.message).toContain(
      `${registry.host} keeps tags immutable: ${repository}:a serves ${digestIn(there)} already`,
    );
    expect(publications).toMatchObject([{ targets: [], notPublished: expect.any(String) }]);
    expect(Object.keys(await tagsIn(clientFor(), registry.host, 'acme/greeter'))).toEqual(['a']);
  });

  test('two tags that keep two indexes cannot be one image', async () => {
    const registry = await immutable();
    const store = blobs();
    const repository = `${registry.host}/acme/greeter`;
    for (const [build, tag] of [
      ['one', 'a'],
      ['none', 'b'],
    ] as const) {
      await publish(job(store, [to(made(store, build), [repository, tag])]));
    }
    const { findings } = await publish(
      job(store, [to(made(store, 'two'), [repository, 'a', 'b', 'c'])]),
    );
    expect(findings.map(({ code, subject }) => [code, subject.tag])).toEqual([
      ['index-taken-over', 'a'],
      ['registry-failed', 'b'],
    ]);
    expect(findings[1]?.message).toContain(`${repository}:a keeps another index`);
    expect(await tagsIn(clientFor(), registry.host, 'acme/greeter')).not.toHaveProperty('c');
  });

  test('a tag that came to be there meanwhile on the same index is taken as it is', async () => {
    const registry = await immutable();
    const store = blobs();
    const ours = to(made(store, 'one'), [`${registry.host}/acme/greeter`, 'a']);
    let isThere = false;
    const racing: Http = async (request) => {
      if (!isThere && request.method === 'PUT' && request.url.endsWith('/manifests/a')) {
        isThere = true;
        await publish(job(store, [ours]));
      }
      return http(request);
    };
    const { findings, publications } = await publish(job(store, [ours], { http: racing }));
    expect([findings, publications[0]?.takenOver]).toEqual([[], undefined]);
    expect(publications[0]?.targets).toMatchObject([{ tag: 'a', kept: true }]);
  });

  test('an annotation of when it was made may differ', async () => {
    const registry = await immutable();
    const store = blobs();
    const repository = `${registry.host}/acme/greeter`;
    const dated = (build: string, time: string) => {
      const image = made(store, build);
      const annotations = { 'org.opencontainers.image.created': time, own: 'x' };
      return { ...image, index: composeIndex(image.platforms, annotations) };
    };
    await publish(job(store, [to(dated('one', '2026-01-01'), [repository, 'a'])]));
    const again = await publish(
      job(store, [to(dated('two', '2026-01-02'), [repository, 'a', 'b'])]),
    );
    expect(again.findings.map(({ code }) => code)).toEqual(['index-taken-over']);
  });

  test.each([
    ['ECR', 400, errorBody('ImageTagAlreadyExistsException', 'the tag exists'), true],
    ['Harbor', 412, errorBody('PRECONDITION', "due to 'a' configured as immutable"), true],
    ['GitLab', 403, errorBody('DENIED', 'the tag is protected'), true],
    ['Docker Hub', 403, errorBody('DENIED', 'tag is immutable'), true],
    ['Quay', 400, errorBody('TAG_INVALID', 'cannot be overwritten'), true],
    ['one that answers with plain text', 400, 'the tag is immutable', true],
    ['one that says something else', 403, errorBody('DENIED', 'no quota'), false],
    ['one that says nothing', 403, '', false],
  ])('%s is told as what it is', async (_name, status, body, isImmutable) => {
    const registry = await immutable(status, body);
    const store = blobs();
    const repository = `${registry.host}/acme/greeter`;
    const other = makeImage(store, 'other');
    await publish(job(store, [to(other, [repository, 'a'])]));
    const { findings } = await publish(job(store, [to(made(store, 'one'), [repository, 'a'])]));
    const [message = ''] = findings.map((one) => one.message);
    expect(message.includes('keeps tags immutable')).toBe(isImmutable);
    expect(message).toContain(`${repository}:a serves ${digestIn(other)} already`);
    expect(message).toContain(`(${status}`);
  });

  test('interrupted behind the refusal, it is not said that the tag may have moved', async () => {
    const registry = await immutable();
    const store = blobs();
    const repository = `${registry.host}/acme/greeter`;
    await publish(job(store, [to(made(store, 'one'), [repository, 'a'])]));
    const stop = new AbortController();
    let refused = false;
    const port: Http = (request) => {
      if (refused) stop.abort();
      refused ||= request.method === 'PUT' && request.url.endsWith('/manifests/a');
      return http(request);
    };
    const image = to(made(store, 'two'), [repository, 'a']);
    const more = { http: port, signal: stop.signal };
    const { findings, publications } = await publish(job(store, [image], more));
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/refused writing the tag a .*immutable\)\.$/),
    ]);
    expect(publications[0]?.notPublished).not.toContain('may have moved');
  });

  test('where nothing can be read of the tag, only the refusal is told', async () => {
    const server = await serve(({ method, url }, response) => {
      const isTag = url.endsWith('/manifests/a');
      if (isTag && method !== 'PUT') return respond(response, 403, errorBody('DENIED'));
      if (isTag) return respond(response, 400, errorBody('TAG_INVALID', 'it is immutable'));
      respond(response, method === 'HEAD' ? 200 : 201);
    });
    const store = blobs();
    const image = to(made(store, 'one'), [`${server.host}/acme/greeter`, 'a']);
    const { findings } = await publish(job(store, [image]));
    expect(findings.map(({ message }) => message)).toEqual([
      `${server.host} refused writing the tag a of acme/greeter (400, TAG_INVALID: it is immutable).`,
    ]);
  });
});

test('a tag that stays on the index of the run beside one that was taken over is no lag', async () => {
  const [kept, free] = [await immutable(), await embedded()];
  const store = blobs();
  const repository = `${kept.host}/acme/greeter`;
  const mirror = `${free.host}/acme/mirror`;
  const [first, second] = [made(store, 'one'), made(store, 'two')];
  await run(store, first, [{ repository, tags: ['a'] }]);
  await run(store, made(store, 'none'), [{ repository: mirror, tags: ['old'] }]);
  let writes = 0;
  /** Takes the tag of the mirror once. */
  const once: Http = async (request) => {
    const isTag = request.method === 'PUT' && request.url.endsWith('/mirror/manifests/old');
    if (isTag && ++writes > 1) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    return http(request);
  };
  const targets = [
    { repository: mirror, tags: ['old'] },
    { repository, tags: ['a'] },
  ];
  const { findings, publications, exitCode } = await run(store, second, targets, once);
  expect(findings.map(({ code, message }) => [code, /\(201\)/.test(message)])).toEqual([
    ['index-taken-over', false],
    ['registry-failed', false],
  ]);
  expect([publications[0]?.targets.map(({ digest }) => digest), publications[0]?.served]).toEqual([
    [digestIn(second)],
    [],
  ]);
  expect(exitCode).toBe(3);
  expect((await run(store, made(store, 'three'), targets)).exitCode).toBe(0);
});
