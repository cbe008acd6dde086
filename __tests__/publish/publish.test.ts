import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { composeIndex, digestOf } from '../../src/oci/index.js';
import type { Http } from '../../src/ports/index.js';
import { type ImageToPublish, publish } from '../../src/publish/index.js';
import { type Blobs, blobs, type MadeImage, makeImage } from '../registry/images.js';
import {
  clientFor,
  embedded,
  errorBody,
  fakeClock,
  http,
  immutable,
  respond,
  serve,
} from '../registry/rig.js';
import { changes, job, type Kind, tagsIn, to } from './rig.js';

const AT = '2026-01-01T00:00:00.000Z';

const kindsOf = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0] as Kind);
const count = (lines: readonly string[], kind: Kind) =>
  kindsOf(lines).filter((one) => one === kind).length;

describe('a registry that accepts gzip layers only', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'its base',
      ['docker.io/library/debian:12'],
      /its base docker\.io\/library\/debian:12 \(1 more/,
    ],
    [
      'its bases',
      ['golang:1.26', 'debian:12'],
      /one of its bases \(golang:1\.26, debian:12\) \(1 more/,
    ],
    ['a base that is not known', [], /a base of it \(1 more/],
  ])('is told with the layer, its media type and %s', async (_, bases, words) => {
    const registry = await embedded();
    const store = blobs();
    const made = makeImage(store, 'greeter', ['linux/amd64']);
    const [platform] = made.platforms;
    const manifest = platform?.manifest.digest ?? '';
    const gzipOnly: Http = async (request) => {
      const { method, body } = request;
      const isOther = method === 'PUT' && `${body}`.includes('image.layer.v1.tar"');
      if (!isOther) return http(request);
      const refusal = errorBody('MANIFEST_INVALID', 'manifest invalid');
      return { status: 400, headers: new Map(), body: Readable.from([Buffer.from(refusal)]) };
    };
    const image = {
      ...to(made, [`${registry.host}/acme/greeter`, 'dev']),
      bases: new Map([[manifest, bases]]),
    };
    const { findings, publications } = await publish(job(store, [image], { http: gzipOnly }));
    const [found] = findings;
    expect(found).toMatchObject({ code: 'registry-failed' });
    expect(found?.message).toContain('(400, MANIFEST_INVALID: manifest invalid)');
    expect(found?.message).toContain(
      `its layer 1 of 2, ${platform?.layers[0]?.digest}, has the media type application/vnd.oci.image.layer.v1.tar, which is not gzip`,
    );
    expect(found?.message).toMatch(words);
    expect(found?.remedy).toMatch(/accepts gzip layers only/);
    expect(publications[0]?.targets).toEqual([]);
  });
});

describe('publishing', () => {
  test('sends blobs, manifests, index, and then the tags, and says what was there before', async () => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev', '1.2']);
    const target = { repository: `${registry.host}/acme/greeter`, embedded: true, time: AT };
    const { digest } = image.index.descriptor;
    expect(await publish(job(store, [image]))).toEqual({
      publications: [
        {
          image: 'greeter',
          index: image.index.descriptor,
          targets: [
            { ...target, tag: 'dev', digest },
            { ...target, tag: '1.2', digest },
          ],
          served: [],
        },
      ],
      findings: [],
    });
    const lines = changes(registry);
    const kinds = kindsOf(lines);
    expect(kinds.lastIndexOf('upload')).toBeLessThan(kinds.lastIndexOf('manifest'));
    expect(lines.slice(-3)).toEqual([
      `manifest acme/greeter ${digest}`,
      'tag acme/greeter dev',
      'tag acme/greeter 1.2',
    ]);
    expect(count(lines, 'manifest')).toBe(5);
    expect(count(lines, 'upload')).toBe(new Set(store.all.keys()).size - 4);
  });

  test('a second time sends no blob and names what the tags served', async () => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev']);
    await publish(job(store, [image]));
    const start = registry.requests().length;
    const again = await publish(job(store, [image]));
    expect(count(changes(registry, start), 'upload')).toBe(0);
    expect(again.publications[0]?.targets).toMatchObject([
      { tag: 'dev', before: { digest: image.index.descriptor.digest } },
    ]);
  });

  test('goes on where a registry knows no HEAD', async () => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev']);
    const headless: Http = async (request) => {
      const answer = await http(request);
      return request.method === 'HEAD' ? { ...answer, status: 405, headers: new Map() } : answer;
    };
    const { digest } = image.index.descriptor;
    const befores = [undefined, { digest, platforms: [] }];
    for (const before of befores) {
      const { publications, findings } = await publish(job(store, [image], { http: headless }));
      expect(findings).toEqual([]);
      expect(publications[0]?.targets.map((target) => target.before)).toEqual([before]);
    }
  });

  test('sends each blob once per registry: siblings wait for it or mount it', async () => {
    const [one, two] = await Promise.all([embedded(), embedded()]);
    const store = blobs();
    const images = [
      to(
        makeImage(store, 'greeter'),
        [`${one.host}/acme/greeter`, 'dev'],
        [`${two.host}/x`, 'dev'],
      ),
      to(makeImage(store, 'welcomer'), [`${one.host}/acme/welcomer`, 'dev']),
      to(makeImage(store, 'again'), [`${one.host}/acme/greeter`, 'again']),
    ];
    const { findings, publications } = await publish(job(store, images));
    expect([findings, publications.map(({ notPublished }) => notPublished)]).toEqual([
      [],
      [undefined, undefined, undefined],
    ]);
    const uploaded = changes(one).filter((line) => line.startsWith('upload'));
    const digests = uploaded.map((line) => line.split(' ')[2]);
    expect(new Set(digests).size).toBe(digests.length);
    expect(count(changes(one), 'mount')).toBeGreaterThan(0);
    expect(count(changes(two), 'mount')).toBe(0);
  });

  test('sends an image to a repository once, also where several targets name it', async () => {
    const registry = await embedded();
    const store = blobs();
    const name = `${registry.host}/acme/greeter`;
    const image = to(makeImage(store, 'greeter'), [name, '1.2'], [name, 'latest']);
    const { publications, findings } = await publish(job(store, [image]));
    expect(findings).toEqual([]);
    expect(publications[0]?.targets.map(({ tag }) => tag)).toEqual(['1.2', 'latest']);
    const lines = changes(registry);
    expect(new Set(lines).size).toBe(lines.length);
    expect(count(lines, 'manifest')).toBe(5);
  });

  test('keeps to the limit', async () => {
    const registry = await embedded();
    const store = blobs();
    let running = 0;
    let most = 0;
    const counting: Http = async (request) => {
      most = Math.max(most, ++running);
      try {
        return await http(request);
      } finally {
        running--;
      }
    };
    const images = ['a', 'b', 'c'].map((name) =>
      to(makeImage(store, name), [`${registry.host}/acme/${name}`, 'dev']),
    );
    await publish(job(store, images, { http: counting, limit: pLimit(2) }));
    expect(most).toBe(2);
  });

  test('writes to another place than the one that it names', async () => {
    const registry = await embedded();
    const store = blobs();
    const made = makeImage(store, 'greeter');
    const location = `${registry.host}/ghcr.io/acme/greeter`;
    const target = { repository: 'ghcr.io/acme/greeter', tags: ['dev'], location };
    const { publications } = await publish(job(store, [{ ...made, targets: [target] }]));
    expect(publications[0]?.targets).toMatchObject([
      { repository: 'ghcr.io/acme/greeter', tag: 'dev', embedded: true },
    ]);
    expect(await tagsIn(clientFor(), registry.host, 'ghcr.io/acme/greeter')).toEqual({
      dev: made.index.descriptor.digest,
    });
  });
});

describe('what is not what was tried', () => {
  test.each([
    [
      'an index that lists a stranger',
      (made: MadeImage, store: Blobs): MadeImage => {
        const stranger = makeImage(store, 'stranger', ['linux/s390x']);
        return { ...made, index: composeIndex([...made.platforms, ...stranger.platforms]) };
      },
      'lists sha256:',
    ],
    [
      'an index that leaves out a platform',
      (made: MadeImage): MadeImage => ({ ...made, index: composeIndex(made.platforms.slice(1)) }),
      'leaves out sha256:',
    ],
    [
      'an index of another digest',
      (made: MadeImage): MadeImage => {
        const descriptor = { ...made.index.descriptor, digest: digestOf('x') };
        return { ...made, index: { ...made.index, descriptor } };
      },
      'the composed index has the digest',
    ],
    [
      'an index that is no JSON',
      (made: MadeImage): MadeImage => {
        const bytes = Buffer.from('no JSON');
        const descriptor = { ...made.index.descriptor, digest: digestOf(bytes) };
        return { ...made, index: { ...made.index, bytes, descriptor } };
      },
      'the composed index is not JSON',
    ],
    [
      'a manifest whose bytes changed in the layout',
      (made: MadeImage, store: Blobs): MadeImage => {
        store.all.set(made.platforms[0]?.manifest.digest ?? '', Buffer.from('{}'));
        return made;
      },
      'a manifest of the layout has the digest',
    ],
  ])('%s is never sent', async (_name, change, words) => {
    const registry = await embedded();
    const store = blobs();
    const made = change(makeImage(store, 'greeter'), store);
    const image = to(made, [`${registry.host}/acme/greeter`, 'dev']);
    const { publications, findings } = await publish(job(store, [image]));
    const notPublished = 'its publishing was stopped';
    expect(publications).toEqual([{ image: 'greeter', targets: [], served: [], notPublished }]);
    expect(findings).toMatchObject([
      {
        code: 'publication-failed',
        subject: { image: 'greeter' },
        message: expect.stringContaining(words),
      },
    ]);
    expect(registry.requests()).toEqual([]);
  });

  test('nothing more is asked for the other images that are tagged with it', async () => {
    const registry = await embedded();
    const store = blobs();
    const [broken, other] = ['greeter', 'welcomer'].map((name) =>
      to(makeImage(store, name), [`${registry.host}/acme/${name}`, 'dev']),
    ) as [ImageToPublish, ImageToPublish];
    const changed = broken.platforms[0]?.manifest.digest;
    const signals: AbortSignal[] = [];
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const port: Http = (request) => {
      if (request.signal !== undefined) signals.push(request.signal);
      isAsked();
      return http(request);
    };
    const open = (digest: string) => {
      if (digest !== changed) return store.open(digest);
      return Readable.from(
        (async function* () {
          await asked;
          yield Buffer.from('{}');
        })(),
      );
    };
    await publish(job(store, [broken, other], { open, http: port }));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test.each([
    ['bytes that changed', () => Readable.from([Buffer.from('{}')]), 'has the digest'],
    [
      'a file that cannot be read',
      () => createReadStream('/proc/nowhere'),
      'open failed with ENOENT',
    ],
  ])('after another image was tagged by itself, %s do not hide that', async (_, broken, words) => {
    const registry = await embedded();
    const store = blobs();
    const images = ['greeter', 'welcomer'].map((name) =>
      to(makeImage(store, name), [`${registry.host}/acme/${name}`, 'dev']),
    );
    const late = images[1]?.platforms[0]?.manifest.digest;
    const tagged = () => changes(registry).some((line) => line === 'tag acme/greeter dev');
    const open = (digest: string) => {
      if (digest !== late) return store.open(digest);
      return Readable.from(
        (async function* () {
          while (!tagged()) await new Promise((resolve) => setTimeout(resolve, 5));
          yield* broken();
        })(),
      );
    };
    const asked = job(store, images, { open, publish: 'per-image' });
    const { publications, findings } = await publish(asked);
    expect(
      publications.map(({ image, targets, notPublished }) => [image, targets.length, notPublished]),
    ).toEqual([
      ['greeter', 1, undefined],
      ['welcomer', 0, 'its publishing was stopped'],
    ]);
    expect(findings).toMatchObject([
      {
        code: 'publication-failed',
        subject: { image: 'welcomer' },
        message: expect.stringContaining(words),
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain('/proc');
  });

  test('a layer whose bytes changed in the layout is refused, and no tag moves', async () => {
    const registry = await embedded();
    const store = blobs();
    const made = makeImage(store, 'greeter');
    const layer = made.platforms[0]?.layers[1];
    store.all.set(layer?.digest ?? '', Buffer.alloc(layer?.size ?? 0));
    const image = to(made, [`${registry.host}/acme/greeter`, 'dev']);
    const { publications, findings } = await publish(job(store, [image]));
    expect(findings).toMatchObject([
      { code: 'registry-failed', message: expect.stringContaining('DIGEST_INVALID') },
    ]);
    expect(publications).toMatchObject([
      { targets: [], notPublished: expect.stringContaining('DIGEST_INVALID') },
    ]);
    expect(count(changes(registry), 'tag')).toBe(0);
  });
});

describe('a registry that refuses', () => {
  const denying = () =>
    serve(({ method }, response) =>
      respond(
        response,
        method === 'HEAD' ? 404 : 403,
        method === 'HEAD' ? '' : errorBody('DENIED'),
      ),
    );

  test('one of two: together, nothing is tagged anywhere', async () => {
    const [good, bad] = await Promise.all([embedded(), denying()]);
    const store = blobs();
    const images = [
      to(makeImage(store, 'greeter'), [`${good.host}/acme/greeter`, 'dev']),
      to(makeImage(store, 'welcomer'), [`${bad.host}/acme/welcomer`, 'dev']),
    ];
    const { publications, findings } = await publish(job(store, images));
    expect(publications.map(({ targets, index }) => [targets, index])).toEqual([
      [[], undefined],
      [[], undefined],
    ]);
    expect(publications.map(({ notPublished }) => notPublished)).toEqual([
      'another image or target cannot be published',
      expect.stringContaining(`${bad.host} refuses uploading to`),
    ]);
    expect(findings).toMatchObject([
      {
        code: 'registry-failed',
        severity: 'error',
        subject: { image: 'welcomer', reference: `${bad.host}/acme/welcomer` },
        message: expect.stringContaining('refuses uploading to acme/welcomer (403, DENIED)'),
      },
    ]);
    expect(count(changes(good), 'tag')).toBe(0);
  });

  test('one of two: what goes to the other is ended at once', async () => {
    const good = await embedded();
    // All blobs are there, and no manifest is taken.
    const bad = await serve(({ method, url }, response) => {
      if (method !== 'HEAD') return respond(response, 403, errorBody('DENIED'));
      respond(response, url.includes('/blobs/') ? 200 : 404);
    });
    const store = blobs();
    const image = to(
      makeImage(store, 'greeter'),
      [`${good.host}/acme/greeter`, 'dev'],
      [`${bad.host}/acme/greeter`, 'dev'],
    );
    const denied = Promise.withResolvers<void>();
    const ends: (boolean | undefined)[] = [];
    const port: Http = async (request) => {
      if (request.url.includes(bad.host)) {
        const answer = await http(request);
        if (answer.status === 403) denied.resolve();
        return answer;
      }
      if (!request.url.includes('/blobs/')) return http(request);
      await denied.promise;
      // The refusal is read to its end before anything is stopped.
      for (let turns = 0; turns < 100 && !request.signal?.aborted; turns++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      ends.push(request.signal?.aborted);
      return http(request);
    };
    await publish(job(store, [image], { http: port, limit: pLimit(50) }));
    expect(new Set(ends)).toEqual(new Set([true]));
  });

  test('one of two: per image, the other is published', async () => {
    const [good, bad] = await Promise.all([embedded(), denying()]);
    const store = blobs();
    const images = [
      to(makeImage(store, 'welcomer'), [`${bad.host}/acme/welcomer`, 'dev']),
      to(makeImage(store, 'greeter'), [`${good.host}/acme/greeter`, 'dev']),
    ];
    const { publications } = await publish(job(store, images, { publish: 'per-image' }));
    expect(publications.map(({ targets }) => targets.length)).toEqual([0, 1]);
    expect(publications.map(({ notPublished }) => notPublished)).toEqual([
      expect.stringContaining(`${bad.host} refuses uploading to acme/welcomer`),
      undefined,
    ]);
    expect(await tagsIn(clientFor(), good.host, 'acme/greeter')).toHaveProperty('dev');
  });

  test('a tag ends it: what was tagged is said, the rest stays', async () => {
    const registry = await embedded();
    const store = blobs();
    const images = ['greeter', 'welcomer'].map((name) =>
      to(makeImage(store, name), [`${registry.host}/acme/${name}`, 'a', 'b', 'c']),
    );
    const refusing: Http = async (request) => {
      if (request.method === 'PUT' && request.url.endsWith('/manifests/b')) {
        return http({ ...request, url: request.url.replace('/b', '/.no') });
      }
      return http(request);
    };
    const { publications, findings } = await publish(job(store, images, { http: refusing }));
    expect(publications.map(({ targets }) => targets.map(({ tag }) => tag))).toEqual([['a'], []]);
    expect(publications.map(({ notPublished }) => notPublished)).toEqual([
      expect.stringMatching(/acme\/greeter:b: .* refused writing the tag b/),
      expect.stringMatching(/^a tag of another image failed before .*acme\/welcomer:a$/),
    ]);
    expect(findings).toMatchObject([{ code: 'registry-failed', subject: { tag: 'b' } }]);
  });

  test.each([
    ['ECONNRESET', 'cut the connection while writing the tag b', true],
    ['ETIMEDOUT', 'stopped answering while writing the tag b', true],
    ['ECONNREFUSED', 'cannot be reached', false],
  ])('or does not answer a tag (%s): whether it moved is said', async (code, words, open) => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'a', 'b']);
    const failing: Http = async (request) => {
      if (!request.url.endsWith('/manifests/b') || request.method !== 'PUT') return http(request);
      throw Object.assign(new Error('no answer'), { code });
    };
    const { publications, findings } = await publish(job(store, [image], { http: failing }));
    const told = [publications[0]?.notPublished ?? '', findings[0]?.message ?? ''];
    expect(told).toEqual([expect.stringContaining(words), expect.stringContaining(words)]);
    const [reason, message] = open
      ? ['; the tag may have moved nevertheless', '. The tag may have moved nevertheless.']
      : ['(ECONNREFUSED)', '(ECONNREFUSED).'];
    expect(told.map((text, i) => text.endsWith([reason, message][i] ?? ''))).toEqual([true, true]);
    expect(told.map((text) => /the tag may have moved/i.test(text))).toEqual([open, open]);
  });

  test('or answers a tag with a fault of its own: the tag may have moved', async () => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'a']);
    const failing: Http = async (request) => {
      const answer = await http(request);
      const isTag = request.method === 'PUT' && request.url.endsWith('/manifests/a');
      return isTag ? { ...answer, status: 500 } : answer;
    };
    const { publications, findings } = await publish(job(store, [image], { http: failing }));
    const told = [publications[0]?.notPublished ?? '', findings[0]?.message ?? ''];
    expect(told).toEqual([
      expect.stringMatching(/500.*; the tag may have moved nevertheless$/),
      expect.stringMatching(/500.*\. The tag may have moved nevertheless\.$/),
    ]);
    expect(publications[0]?.targets).toEqual([]);
  });

  test('even to be asked is told at the first upload', async () => {
    const server = await serve((_seen, response) => respond(response, 403));
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${server.host}/acme/greeter`, 'dev']);
    const { findings } = await publish(job(store, [image], { limit: pLimit(1) }));
    expect(findings).toMatchObject([
      {
        code: 'registry-failed',
        message: expect.stringMatching(/refuses uploading to acme\/greeter \(403\)/),
      },
    ]);
    expect(server.seen.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'POST']);
  });

  test('that has no such repository yet, and says 401 for it, takes the upload', async () => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev']);
    let created = false;
    const hub: Http = async (request) => {
      created ||= request.method === 'POST';
      const response = await http(request);
      return created ? response : { ...response, status: 401 };
    };
    const { findings } = await publish(job(store, [image], { http: hub }));
    expect(findings).toEqual([]);
    expect(count(changes(registry), 'tag')).toBe(1);
  });
});

describe('an interruption', () => {
  test('at each request in turn moves no further tag, and finishes the one under way', async () => {
    const registry = await embedded();
    const store = blobs();
    const made = makeImage(store, 'greeter', ['linux/amd64']);
    let over = false;
    let tagged = 0;
    // The moment that a tag under way gets is longer than any answer takes.
    const clock = { ...fakeClock(), sleep: () => new Promise<void>(() => {}) };
    for (let at = 1; !over; at++) {
      const stop = new AbortController();
      let sent = 0;
      const stopping: Http = async (request) => {
        if (++sent === at) stop.abort();
        return http(request);
      };
      const image = to(made, [`${registry.host}/stop${at}/greeter`, 'dev', 'latest']);
      const { publications, findings } = await publish(
        job(store, [image], { http: stopping, signal: stop.signal, clock }),
      );
      over = sent < at;
      const tags = await tagsIn(clientFor(), registry.host, `stop${at}/greeter`);
      const [publication] = publications;
      expect(findings).toEqual([]);
      expect(publication?.targets.map(({ tag }) => tag)).toEqual(Object.keys(tags));
      tagged = Math.max(tagged, over ? 0 : Object.keys(tags).length);
      const complete = Object.keys(tags).length === 2;
      expect(publication?.notPublished).toEqual(
        complete ? undefined : expect.stringContaining('the run was interrupted'),
      );
    }
    expect(tagged).toBe(2);
  });

  /** Publishes to a registry that gets what matches and never answers it, and interrupts that. */
  async function hanging(pattern: RegExp) {
    const registry = await embedded();
    const store = blobs();
    const stop = new AbortController();
    let open = 0;
    const never: Http = async (request) => {
      if (!pattern.test(`${request.method} ${request.url}`)) return http(request);
      stop.abort();
      open++;
      return new Promise((_resolve, reject) => {
        const end = () => {
          open--;
          reject(request.signal?.reason);
        };
        if (request.signal?.aborted) end();
        else request.signal?.addEventListener('abort', end);
      });
    };
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev', 'x']);
    const clock = fakeClock();
    const more = { http: never, signal: stop.signal, clock };
    const { publications, findings } = await publish(job(store, [image], more));
    return { publication: publications[0], findings, open, waited: clock.slept };
  }

  test('says what it was waiting for when that took long', async () => {
    const registry = await embedded();
    const store = blobs();
    const stop = new AbortController();
    const clock = fakeClock();
    const port: Http = async (request) => {
      if (!/^PUT .*\/manifests\/sha256:/.test(`${request.method} ${request.url}`))
        return http(request);
      clock.advance(42_000);
      stop.abort();
      throw request.signal?.reason;
    };
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev']);
    const client = clientFor({ http: port, clock });
    const { publications } = await publish(job(store, [image], { client, signal: stop.signal }));
    expect(publications[0]?.notPublished).toMatch(
      /^the run was interrupted while waiting for 127\.0\.0\.1:\d+ \(writing the manifest sha256:\w+… of acme\/greeter, 42 s\)$/,
    );
  });

  test('ends a manifest by digest that is not answered at once', async () => {
    const { publication, ...rest } = await hanging(/^PUT .*\/manifests\/sha256:/);
    expect(publication).toMatchObject({ targets: [], notPublished: 'the run was interrupted' });
    expect(rest).toEqual({ findings: [], open: 0, waited: [] });
  });

  test('waits a moment for a tag that is not answered, and says that it may have moved', async () => {
    const { publication, findings, ...rest } = await hanging(/^PUT .*\/manifests\/x$/);
    expect(publication?.targets.map(({ tag }) => tag)).toEqual(['dev']);
    expect(publication?.notPublished).toMatch(
      /^the run was interrupted while .*\/acme\/greeter:x was written; the tag may have moved$/,
    );
    expect(findings).toMatchObject([
      {
        code: 'registry-failed',
        subject: { image: 'greeter', tag: 'x' },
        message: expect.stringMatching(/greeter:x may have moved to sha256:\w+: .* 2\.5 s/),
      },
    ]);
    expect(rest).toEqual({ open: 0, waited: [2_500] });
  });

  /** Answers a PUT that matches with a status once. */
  function failingOnce(pattern: RegExp, status: number): Http {
    let failed = false;
    return async (request) => {
      if (failed || request.method !== 'PUT' || !pattern.test(request.url)) return http(request);
      failed = true;
      const body = Readable.from([Buffer.from(errorBody('MANIFEST_BLOB_UNKNOWN'))]);
      return { status, headers: new Map(), body };
    };
  }

  test.each<[string, Http]>([
    ['a tag that keeps an index of others', http],
    ['a tag that is not written at once', failingOnce(/\/manifests\/new$/, 503)],
    ['a manifest some part of which is lost', failingOnce(/\/manifests\/sha256:/, 404)],
    ['a tag some part of which is lost', failingOnce(/\/manifests\/new$/, 404)],
  ])('ends whatever is asked but for tags: %s', async (_, port) => {
    const registry = await immutable();
    const store = blobs();
    const name = `${registry.host}/acme/greeter`;
    const [first, second] = ['one', 'two'].map((build) =>
      makeImage(store, 'greeter', ['linux/amd64'], build),
    ) as [MadeImage, MadeImage];
    await publish(job(store, [to(first, [name, 'a'])]));
    const asked: { readonly line: string; readonly signal: AbortSignal | undefined }[] = [];
    const watching: Http = (request) => {
      const { method, url, signal } = request;
      if (!/^PUT .*\/manifests\/\w+$/.test(`${method} ${url}`)) {
        asked.push({ line: `${method} ${url}`, signal });
      }
      return port(request);
    };
    const targets = [{ repository: name, tags: ['a', 'new'], existing: 'same' as const }];
    const stop = new AbortController();
    const more = { http: watching, signal: stop.signal, embedded: false };
    const { findings } = await publish(job(store, [{ ...second, targets }], more));
    expect(findings.map(({ code }) => code)).toEqual(['index-taken-over']);
    expect(asked.filter(({ signal }) => signal?.aborted).length).toBe(0);
    stop.abort();
    const goesOn = asked.filter(({ signal }) => signal?.aborted !== true);
    expect(goesOn.map(({ line }) => line)).toEqual([]);
    expect(asked.length).toBeGreaterThan(20);
  });

  test('before the beginning sends nothing', async () => {
    const registry = await embedded();
    const store = blobs();
    const image = to(makeImage(store, 'greeter'), [`${registry.host}/acme/greeter`, 'dev']);
    const { publications } = await publish(job(store, [image], { signal: AbortSignal.abort() }));
    expect(publications).toMatchObject([{ notPublished: 'the run was interrupted' }]);
    expect(registry.requests()).toEqual([]);
  });
});
