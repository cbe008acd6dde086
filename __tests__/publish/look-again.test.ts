import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import type { Http } from '../../src/ports/index.js';
import { type ImageToPublish, type PublishJob, publish } from '../../src/publish/index.js';
import { type Blobs, blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, errorBody, fakeClock, http, type Watched } from '../registry/rig.js';

const BOTH = ['linux/amd64', 'linux/arm64'];

interface Given {
  readonly tags?: readonly string[];
  readonly replaces?: readonly string[];
}

function imageFor(
  store: Blobs,
  registry: Watched,
  platforms: readonly string[],
  given: Given = {},
) {
  const { tags = ['dev'], replaces } = given;
  const target = { repository: `${registry.host}/acme/greeter`, tags, replaces };
  return { ...makeImage(store, `greeter for ${platforms}`, platforms), targets: [target] };
}

function job(store: Blobs, images: readonly ImageToPublish[], more: Partial<PublishJob> = {}) {
  return {
    images,
    open: store.open,
    client: clientFor(),
    clock: fakeClock(),
    limit: pLimit(4),
    publish: 'together',
    embedded: false,
    ...more,
  } as const;
}

/** The real port; `meanwhile` is awaited before the first request that `when` picks. */
function interrupted(
  when: (method: string, url: string) => boolean,
  meanwhile: () => Promise<unknown>,
): Http {
  let done = false;
  return async (request) => {
    if (!done && when(request.method, request.url)) {
      done = true;
      await meanwhile();
    }
    return http(request);
  };
}

const isTag = (name: string) => (method: string, url: string) =>
  method === 'PUT' && url.endsWith(`/manifests/${name}`);

/** Tags that were written, in order. */
function written(registry: Watched, from = 0): readonly string[] {
  return registry
    .requests()
    .slice(from)
    .filter(({ method, url }) => method === 'PUT' && /\/manifests\/[^:]+$/.test(url))
    .map(({ url }) => url.split('/').at(-1) ?? '');
}

describe('platform-lost: a tag is read again before it moves', () => {
  test('one that would lose a platform ends it before any tag of the run moves', async () => {
    const [registry, store] = [await embedded(), blobs()];
    await publish(job(store, [imageFor(store, registry, BOTH)]));
    const before = registry.requests().length;
    const image = imageFor(store, registry, ['linux/arm64'], { tags: ['new', 'dev'] });
    const other = { ...imageFor(store, registry, BOTH, { tags: ['other'] }), image: 'other' };
    const { publications, findings } = await publish(job(store, [other, image]));
    expect(written(registry, before)).toEqual([]);
    const name = `${registry.host}/acme/greeter`;
    expect(findings).toMatchObject([
      {
        code: 'platform-lost',
        severity: 'error',
        subject: { image: image.image, reference: name, tag: 'dev' },
        message: `${name}:dev serves linux/amd64 and linux/arm64; a push of linux/arm64 alone loses linux/amd64.`,
      },
    ]);
    expect(publications.map(({ targets, notPublished }) => [targets, notPublished])).toEqual([
      [[], `${name}:dev would lose platforms`],
      [[], `${name}:dev would lose platforms`],
    ]);
  });

  test('each image is on its own where images are published on their own', async () => {
    const [registry, store] = [await embedded(), blobs()];
    await publish(job(store, [imageFor(store, registry, BOTH)]));
    const before = registry.requests().length;
    const image = imageFor(store, registry, ['linux/arm64']);
    const other = {
      ...imageFor(store, registry, ['linux/amd64'], { tags: ['other'] }),
      image: 'other',
    };
    const { findings } = await publish(job(store, [image, other], { publish: 'per-image' }));
    expect([written(registry, before), findings.length]).toEqual([['other'], 1]);
  });

  test.each<[string, Given, Partial<PublishJob>, readonly string[]]>([
    ['what may disappear', { replaces: ['linux/amd64'] }, {}, []],
    ['a lowered severity', {}, { severities: { 'platform-lost': 'warning' } }, ['platform-lost']],
    ['the embedded registry', {}, { embedded: true }, []],
  ])('%s lets it move, and says it once', async (_name, given, more, codes) => {
    const [registry, store] = [await embedded(), blobs()];
    await publish(job(store, [imageFor(store, registry, BOTH)]));
    const before = registry.requests().length;
    const image = imageFor(store, registry, ['linux/arm64'], given);
    const { findings } = await publish(job(store, [image], more));
    expect(findings.map(({ code }) => code)).toEqual(codes);
    expect(written(registry, before)).toEqual(['dev']);
  });

  test('what was judged before the build is not said again', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const first = imageFor(store, registry, BOTH);
    await publish(job(store, [first]));
    const { digest } = first.index.descriptor;
    const servedThen = new Map([[`${registry.host}/acme/greeter:dev`, digest]]);
    const severities = { 'platform-lost': 'note' } as const;
    const image = imageFor(store, registry, ['linux/arm64']);
    const { findings } = await publish(job(store, [image], { servedThen, severities }));
    expect(findings).toEqual([]);
  });

  test('what was judged before the build is not said again where a HEAD has no digest', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const first = imageFor(store, registry, BOTH);
    await publish(job(store, [first]));
    const { digest } = first.index.descriptor;
    const servedThen = new Map([[`${registry.host}/acme/greeter:dev`, digest]]);
    const port: Http = async (request) => {
      const answer = await http(request);
      if (request.method !== 'HEAD') return answer;
      const headers = new Map(answer.headers);
      headers.delete('docker-content-digest');
      return { ...answer, headers };
    };
    const image = imageFor(store, registry, ['linux/arm64']);
    const client = clientFor({ http: port });
    const { findings } = await publish(job(store, [image], { servedThen, client }));
    expect([findings, written(registry)]).toEqual([[], ['dev', 'dev']]);
  });

  test('a tag that is not there is written where its first write failed', async () => {
    const [registry, store] = [await embedded(), blobs()];
    let refused = false;
    const port: Http = async (request) => {
      if (refused || !isTag('dev')(request.method, request.url)) return http(request);
      refused = true;
      return { status: 503, headers: new Map(), body: Readable.from([]) };
    };
    const image = imageFor(store, registry, BOTH);
    const client = clientFor({ http: port });
    const { findings } = await publish(job(store, [image], { client }));
    expect([refused, findings, written(registry)]).toEqual([true, [], ['dev']]);
  });

  test('what was judged before the build is not said again after a write that failed', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const first = imageFor(store, registry, BOTH);
    await publish(job(store, [first]));
    const { digest } = first.index.descriptor;
    const servedThen = new Map([[`${registry.host}/acme/greeter:dev`, digest]]);
    let refused = false;
    const port: Http = async (request) => {
      if (refused || !isTag('dev')(request.method, request.url)) return http(request);
      refused = true;
      return { status: 503, headers: new Map(), body: Readable.from([]) };
    };
    const image = imageFor(store, registry, ['linux/arm64']);
    const client = clientFor({ http: port });
    const { findings, publications } = await publish(job(store, [image], { servedThen, client }));
    expect([refused, findings]).toEqual([true, []]);
    expect(publications).toMatchObject([{ targets: [{ tag: 'dev' }] }]);
  });

  test('a tag that is gone since before the build is written', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const servedThen = new Map([[`${registry.host}/acme/greeter:dev`, 'sha256:0']]);
    const image = imageFor(store, registry, BOTH);
    const { findings } = await publish(job(store, [image], { servedThen }));
    expect([findings, written(registry)]).toEqual([[], ['dev']]);
  });

  test('a second job that wrote the tag during the build loses nothing', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const first = imageFor(store, registry, ['linux/arm64']);
    await publish(job(store, [first]));
    const then = first.index.descriptor.digest;
    const second = imageFor(store, registry, BOTH);
    await publish(job(store, [second]));
    const servedThen = new Map([[`${registry.host}/acme/greeter:dev`, then]]);
    const image = { ...imageFor(store, registry, ['linux/arm64']), image: 'again' };
    const { findings } = await publish(job(store, [image], { servedThen }));
    expect(findings.map(({ message }) => message)).toEqual([
      `${registry.host}/acme/greeter:dev served ${then} before the build; now, as ${second.index.descriptor.digest}, it serves linux/amd64 and linux/arm64; a push of linux/arm64 alone loses linux/amd64.`,
    ]);
  });

  test.each([
    ['where it could not be read before the build', [undefined], ['platform-lost']],
    ['where there was one before the build', ['sha256:0'], ['platform-lost']],
    ['but where there was none either', [], []],
  ] as const)('a HEAD that finds no tag is not believed %s', async (_name, then, codes) => {
    const [registry, store] = [await embedded(), blobs()];
    await publish(job(store, [imageFor(store, registry, BOTH)]));
    const port: Http = async (request) => {
      const answer = await http(request);
      return request.method === 'HEAD' && request.url.endsWith('/manifests/dev')
        ? { ...answer, status: 404 }
        : answer;
    };
    const name = `${registry.host}/acme/greeter:dev`;
    const servedThen = new Map(then.map((digest) => [name, digest]));
    const image = imageFor(store, registry, ['linux/arm64']);
    const client = clientFor({ http: port });
    const { findings } = await publish(job(store, [image], { servedThen, client }));
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  test('one that is written while the first tag moves stays as it is', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const meanwhile = () =>
      publish(job(store, [imageFor(store, registry, ['linux/s390x'], { tags: ['late'] })]));
    const port = interrupted(isTag('early'), meanwhile);
    const image = imageFor(store, registry, BOTH, { tags: ['early', 'late', 'never'] });
    const { publications, findings } = await publish(
      job(store, [image], { client: clientFor({ http: port }) }),
    );
    expect(written(registry)).toEqual(['late', 'early']);
    expect(findings.map(({ code }) => code)).toEqual(['platform-lost']);
    expect(publications).toMatchObject([
      { targets: [{ tag: 'early' }], notPublished: expect.stringMatching(/:late would lose/) },
    ]);
  });

  test.each([
    ['its registry was busy', 503],
    ['its registry did not know a part', 404],
  ])('one that is written by another job while %s stays as it is', async (_name, status) => {
    const [registry, store] = [await embedded(), blobs()];
    const meanwhile = () => publish(job(store, [imageFor(store, registry, ['linux/s390x'])]));
    let refused = false;
    const port: Http = async (request) => {
      if (refused || !isTag('dev')(request.method, request.url)) return http(request);
      refused = true;
      await meanwhile();
      const body = Readable.from([Buffer.from(errorBody('MANIFEST_UNKNOWN'))]);
      return { status, headers: new Map(), body };
    };
    const image = imageFor(store, registry, BOTH);
    const { publications, findings } = await publish(
      job(store, [image], { client: clientFor({ http: port }) }),
    );
    expect(written(registry)).toEqual(['dev']);
    expect(findings.map(({ code }) => code)).toEqual(['platform-lost']);
    expect(publications).toMatchObject([
      { targets: [], notPublished: expect.stringMatching(/:dev would lose platforms/) },
    ]);
  });

  test('a write that is tried again is not held up by what this run wrote, or by no answer', async () => {
    const [registry, store] = [await embedded(), blobs()];
    let refused = false;
    let reads = 0;
    const port: Http = async (request) => {
      const isRead = request.method === 'GET' && request.url.endsWith('/dev');
      if (isRead && refused) {
        reads += 1;
        return { status: 503, headers: new Map(), body: Readable.from([]) };
      }
      const answer = await http(request);
      if (refused || !isTag('dev')(request.method, request.url)) return answer;
      refused = true;
      return { ...answer, status: 500 };
    };
    const image = imageFor(store, registry, BOTH);
    const client = clientFor({ http: port });
    const { findings, publications } = await publish(job(store, [image], { client }));
    expect([findings, publications[0]?.targets.length, reads]).toEqual([[], 1, 1]);
  });

  test('what this run has published is not read again', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const image = imageFor(store, registry, ['linux/arm64']);
    await publish(job(store, [image]));
    const { findings } = await publish(job(store, [image]));
    expect(findings).toEqual([]);
  });

  test.each([
    [401, [['registry-failed', 'warning']], ['dev']],
    [403, [['registry-failed', 'warning']], ['dev']],
    [500, [['registry-failed', 'error']], []],
  ] as const)('a tag that answers %d to a question', async (status, said, moved) => {
    const [registry, store] = [await embedded(), blobs()];
    // Before the content is sent it is asked for as well: that is let through.
    let sent = false;
    const port: Http = async (request) => {
      const answer = await http(request);
      sent ||= request.method === 'PUT';
      const isAsked = request.url.endsWith('/manifests/dev') && request.method !== 'PUT';
      return sent && isAsked ? { ...answer, status } : answer;
    };
    const image = imageFor(store, registry, ['linux/arm64']);
    const { findings, publications } = await publish(
      job(store, [image], { client: clientFor({ http: port }) }),
    );
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual(said);
    expect(written(registry)).toEqual(moved);
    expect(publications[0]?.notPublished ?? '').not.toContain('may have moved');
  });

  test('a fault of ours while it is asked ends it, and no tag moves', async () => {
    const [registry, store] = [await embedded(), blobs()];
    let sent = false;
    const port: Http = async (request) => {
      sent ||= request.method === 'PUT';
      if (sent && request.method === 'HEAD' && request.url.endsWith('/manifests/dev')) {
        throw new TypeError('a fault of ours');
      }
      return http(request);
    };
    const image = imageFor(store, registry, ['linux/arm64']);
    const { findings, publications } = await publish(
      job(store, [image], { client: clientFor({ http: port }) }),
    );
    const { repository } = image.targets[0] ?? {};
    expect(findings).toMatchObject([
      {
        code: 'publication-failed',
        subject: { image: image.image, reference: repository, tag: 'dev' },
        message: 'Publishing failed: a fault of ours.',
      },
    ]);
    expect(publications).toMatchObject([
      { targets: [], notPublished: 'its publishing was stopped' },
    ]);
    expect(written(registry)).toEqual([]);
  });

  test('a fault of ours between two attempts of a write ends it, and no tag moves', async () => {
    const [registry, store] = [await embedded(), blobs()];
    let refused = false;
    const port: Http = async (request) => {
      if (refused && request.method === 'GET' && request.url.endsWith('/manifests/dev')) {
        throw new TypeError('a fault of ours');
      }
      if (refused || !isTag('dev')(request.method, request.url)) return http(request);
      refused = true;
      return { status: 503, headers: new Map(), body: Readable.from([]) };
    };
    const image = imageFor(store, registry, ['linux/arm64']);
    const client = clientFor({ http: port });
    const { findings, publications } = await publish(job(store, [image], { client }));
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      ['publication-failed', 'Publishing failed: a fault of ours.'],
    ]);
    expect(publications).toMatchObject([
      { targets: [], notPublished: 'its publishing was stopped' },
    ]);
    expect(written(registry)).toEqual([]);
  });

  test('an interruption while it is asked moves nothing, and is no fault', async () => {
    const [registry, store] = [await embedded(), blobs()];
    const stop = new AbortController();
    let sent = 0;
    const port: Http = (request) => {
      sent += request.method === 'PUT' ? 1 : 0;
      if (sent > 0 && request.method === 'HEAD' && request.url.endsWith('/dev')) stop.abort();
      return http(request);
    };
    const image = imageFor(store, registry, ['linux/arm64']);
    const client = clientFor({ http: port });
    const { findings, publications } = await publish(
      job(store, [image], { client, signal: stop.signal }),
    );
    expect([findings, written(registry)]).toEqual([[], []]);
    expect(publications[0]?.notPublished).toMatch(/ before .*:dev$/);
  });
});
