import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import * as v from 'valibot';
import { judge, type Verdict } from '../../src/evidence/index.js';
import { evidence as evidenceSchema } from '../../src/evidence/schema.js';
import { composeIndex, digestOf, mediaTypes } from '../../src/oci/index.js';
import type { Verified } from '../../src/pipeline/verification.js';
import type { Http, HttpResponse } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { verify } from '../../src/verify/index.js';
import { evidenceOf, plannedImage, trialOf } from '../evidence/sample.js';
import { send } from '../publish/send.js';
import { blobs, type MadeImage, makeImage, statementOf } from '../registry/images.js';
import { clientFor, embedded, fakeClock, http } from '../registry/rig.js';
import { type ReadBack, readBack } from './read-back.js';

/** Any digest of that algorithm. */
const SHA512 = `sha512:${'0'.repeat(128)}`;

interface Published {
  /** What a run came to that has published it. */
  readonly judged: (verified: Verified) => Verdict;
  readonly host: string;
  readonly made: MadeImage;
  readonly requests: () => readonly string[];
  readonly job: (port?: Http, more?: Partial<ReadBack>) => ReadBack;
}

async function published(tags: readonly string[] = ['dev']): Promise<Published> {
  const registry = await embedded();
  const store = blobs();
  const image = makeImage(store, 'greeter');
  const targets = [{ repository: `${registry.host}/acme/greeter`, tags }];
  const sent = await send(store, image, `${registry.host}/acme/greeter`, tags);
  expect(sent.findings).toEqual([]);
  const start = registry.requests().length;
  const planned = plannedImage({
    id: image.image,
    targets,
    platforms: image.platforms.map(({ platform }) => platform),
  });
  const trials = image.platforms.map((built) => trialOf(image.image, built.platform, { built }));
  return {
    judged: ({ served, findings }) => {
      const publications = sent.publications.map((one) => ({
        ...one,
        served: served.get(one.image) ?? [],
      }));
      return judge(evidenceOf({ images: [planned], trials, publications, findings }));
    },
    host: registry.host,
    made: image,
    requests: () =>
      registry
        .requests()
        .slice(start)
        .map(({ method, url }) => `${method} ${url.replace('/v2/acme/greeter/', '')}`),
    job: (port, more = {}) => ({
      images: [{ ...image, index: image.index.descriptor, targets }],
      client: clientFor(port === undefined ? {} : { http: port }),
      limit: pLimit(4),
      ...more,
    }),
  };
}

interface Change {
  readonly status?: number;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly drops?: readonly string[];
}

/** The real port, with answers changed on their way. */
function changing(
  change: (url: string, count: number, method: string) => Change | undefined,
): Http {
  const counts = new Map<string, number>();
  return async (request) => {
    const { method, url } = request;
    const count = (counts.get(`${method} ${url}`) ?? 0) + 1;
    counts.set(`${method} ${url}`, count);
    const response = await http(request);
    const wanted = change(url, count, method);
    if (wanted === undefined) return response;
    response.body.resume();
    const headers = new Map([...response.headers, ...Object.entries(wanted.headers ?? {})]);
    for (const name of wanted.drops ?? []) headers.delete(name);
    const body =
      wanted.body === undefined ? response.body : Readable.from([Buffer.from(wanted.body)]);
    return { status: wanted.status ?? response.status, headers, body } as HttpResponse;
  };
}

describe('what was published', () => {
  test('is read back and kept as facts', async () => {
    const { job, made, host, judged } = await published();
    const verified = await readBack(job());
    const { served, findings } = verified;
    expect(findings).toEqual([]);
    expect(judged(verified).images).toMatchObject([{ state: 'passed', verified: true }]);
    const plain = ({
      mediaType,
      digest,
      size,
    }: {
      mediaType: string;
      digest: string;
      size: number;
    }) => ({
      mediaType,
      digest,
      size,
    });
    expect(served.get('greeter')).toEqual([
      {
        reference: `${host}/acme/greeter:dev`,
        tag: 'dev',
        index: made.index.descriptor,
        platforms: made.platforms.map(({ platform, manifest, config, layers }) => ({
          platform,
          manifest,
          config,
          layers: layers.map(plain),
        })),
        attestations: expect.arrayContaining(
          made.platforms.map(({ manifest, attestations }) => ({
            ...plain(attestations[0] as typeof manifest),
            subject: manifest.digest,
          })),
        ),
        faults: [],
      },
    ]);
  });

  test('is read once for ten tags; each tag is read at the beginning, and asked for and read at the end', async () => {
    const tags = Array.from({ length: 10 }, (_, number) => `v${number}`);
    const { job, requests, made } = await published(tags);
    const { served, findings } = await readBack(job());
    expect([findings, served.get('greeter')?.length]).toEqual([[], 10]);
    const counts = new Map<string, number>();
    for (const line of requests()) counts.set(line, (counts.get(line) ?? 0) + 1);
    for (const [line, count] of counts) {
      expect([line, count]).toEqual([line, /^GET manifests\/v\d$/.test(line) ? 2 : 1]);
    }
    expect(counts.has(`GET manifests/${made.index.descriptor.digest}`)).toBe(true);
    expect(
      requests()
        .filter((line) => !line.startsWith('GET'))
        .sort(),
    ).toEqual(tags.map((tag) => `HEAD manifests/${tag}`));
  });

  test('is read once where several images have it in one repository', async () => {
    const { job, requests } = await published();
    const { images, ...through } = job();
    const both = images.flatMap((image) => [image, { ...image, image: 'again' }]);
    const { served, findings } = await readBack({ images: both, ...through });
    expect([findings, served.get('greeter')?.length, served.get('again')?.length]).toEqual([
      [],
      1,
      1,
    ]);
    const blobs = requests().filter((line) => line.startsWith('GET blobs/'));
    expect(new Set(blobs).size).toBe(blobs.length);
  });

  test('is read elsewhere than it is named', async () => {
    const { job, host } = await published();
    const base = job();
    const [image] = base.images;
    const targets = [
      { repository: 'ghcr.io/acme/greeter', tags: ['dev'], location: `${host}/acme/greeter` },
    ];
    const { served, findings } = await readBack({
      ...base,
      images: image === undefined ? [] : [{ ...image, targets }],
    });
    expect(findings).toEqual([]);
    expect(served.get('greeter')?.[0]?.reference).toBe('ghcr.io/acme/greeter:dev');
  });

  test('may show a moment later', async () => {
    const { job, made } = await published();
    const late = changing((_url, count) => (count < 3 ? { status: 404, body: '' } : undefined));
    expect((await readBack(job(late))).findings).toEqual([]);
    const old = composeIndex(made.platforms, { old: 'one' }).bytes;
    const stale = changing((url, count) =>
      url.endsWith('/manifests/dev') && count < 4
        ? { body: old, headers: { 'docker-content-digest': '' } }
        : undefined,
    );
    expect((await readBack(job(stale))).findings).toEqual([]);
    const staleHead = changing((_url, count, method) =>
      method === 'HEAD' && count < 4
        ? { headers: { 'docker-content-digest': digestOf(old) } }
        : undefined,
    );
    expect((await readBack(job(staleHead))).findings).toEqual([]);
  });

  const silent = { 'docker-content-digest': '' };
  test.each<[string, (method: string, made: MadeImage) => Change | undefined]>([
    ['calls nothing by a digest', () => ({ headers: silent })],
    [
      'knows no HEAD',
      (method) =>
        method === 'HEAD' ? { status: 405, headers: { 'content-type': 'text/plain' } } : undefined,
    ],
    [
      'says nothing of a tag but that it is there',
      (method) =>
        method === 'HEAD'
          ? { headers: silent, drops: ['content-type', 'content-length'] }
          : undefined,
    ],
    [
      'calls a tag by its sha512',
      (_method, { index }) => ({
        headers: { 'docker-content-digest': digestOf(index.bytes, SHA512) },
      }),
    ],
  ])('is proved in a registry that %s', async (_name, change) => {
    const { job, made } = await published();
    const odd = changing((url, _count, method) =>
      url.endsWith('/manifests/dev') ? change(method, made) : undefined,
    );
    const { findings, served } = await readBack(job(odd));
    expect([findings, served.get('greeter')?.length]).toEqual([[], 1]);
  });
});

describe('something else than what was published', () => {
  const other = Buffer.from('{"schemaVersion":2,"manifests":[]}');
  const cases: readonly (readonly [
    string,
    (made: MadeImage) => (url: string, count: number, method: string) => Change | undefined,
    readonly string[],
    RegExp,
  ])[] = [
    [
      'a layer with other bytes',
      (made) => (url) =>
        url.endsWith(`/blobs/${made.platforms[1]?.layers[1]?.digest}`)
          ? { body: 'x'.repeat(made.platforms[1]?.layers[1]?.size ?? 0) }
          : undefined,
      ['digest-mismatch'],
      /serves layer 2 of linux\/arm\/v7, sha256:.*, with other bytes: its bytes are sha256:/,
    ],
    [
      'a layer of another size',
      (made) => (url) =>
        url.endsWith(`/blobs/${made.platforms[0]?.layers[1]?.digest}`) ? { body: 'x' } : undefined,
      ['digest-mismatch'],
      /layer 2 of linux\/amd64, .*: 1 bytes, its descriptor says/,
    ],
    [
      'a configuration that is gone',
      (made) => (url) =>
        url.endsWith(`/blobs/${made.platforms[0]?.config.digest}`)
          ? { status: 404, body: '' }
          : undefined,
      ['served-other'],
      /does not serve the configuration of linux\/amd64, sha256:.*: the registry answers 404/,
    ],
    [
      'a manifest with other bytes',
      (made) => (url) =>
        url.endsWith(`/manifests/${made.platforms[0]?.manifest.digest}`)
          ? { body: other }
          : undefined,
      ['digest-mismatch'],
      /serves the manifest of linux\/amd64, sha256:.*, with other bytes/,
    ],
    [
      'a manifest of another Content-Type',
      (made) => (url) =>
        url.endsWith(`/manifests/${made.platforms[0]?.manifest.digest}`)
          ? { headers: { 'content-type': 'text/plain' } }
          : undefined,
      ['served-other', 'served-other'],
      /Content-Type is "text\/plain", its descriptor says application\/vnd/,
    ],
    [
      'a manifest that is called something else',
      (made) => (url) =>
        url.endsWith(`/manifests/${made.platforms[0]?.manifest.digest}`)
          ? { headers: { 'docker-content-digest': SHA512 } }
          : undefined,
      ['digest-mismatch'],
      /the manifest of linux\/amd64, sha256:.*, and names another digest in its header: Docker-Content-Digest is sha512:000/,
    ],
    [
      'an index that is called something else',
      (made) => (url) =>
        url.endsWith(`/manifests/${made.index.descriptor.digest}`)
          ? { headers: { 'docker-content-digest': digestOf(other) } }
          : undefined,
      ['digest-mismatch'],
      /the index, sha256:.*, and names another digest in its header: Docker-Content-Digest is sha256:/,
    ],
    [
      'a layer that is called something else',
      (made) => (url) =>
        url.endsWith(`/blobs/${made.platforms[0]?.layers[1]?.digest}`)
          ? { headers: { 'docker-content-digest': digestOf(other) } }
          : undefined,
      ['digest-mismatch'],
      /layer 2 of linux\/amd64, sha256:.*, and names another digest in its header: Docker-Content-Digest is sha256:/,
    ],
    [
      'a layer in an encoding that nobody asked for',
      (made) => (url) =>
        url.endsWith(`/blobs/${made.platforms[0]?.layers[1]?.digest}`)
          ? { headers: { 'content-encoding': 'gzip' } }
          : undefined,
      ['digest-mismatch'],
      /serves layer 2 of linux\/amd64, .*, with other bytes: Content-Encoding is gzip; expected identity/,
    ],
    [
      'the index with other bytes',
      (made) => (url) =>
        url.endsWith(`/manifests/${made.index.descriptor.digest}`) ? { body: other } : undefined,
      ['digest-mismatch'],
      /serves the index, sha256:.*, with other bytes/,
    ],
    [
      'an attestation with other bytes',
      (made) => (url) =>
        url.endsWith(`/manifests/${made.platforms[0]?.attestations[0]?.digest}`)
          ? { body: other }
          : undefined,
      ['digest-mismatch'],
      /the manifest of the attestation of linux\/amd64, sha256/,
    ],
    [
      'an attestation whose statement is gone',
      (made) => (url) => {
        const about = made.platforms[1]?.manifest.digest;
        const statement = `/blobs/${digestOf(statementOf(about ?? ''))}`;
        return url.endsWith(statement) ? { status: 404, body: '' } : undefined;
      },
      ['served-other'],
      /does not serve layer 1 of the attestation of linux\/arm\/v7, sha256:/,
    ],
    [
      'a tag with other bytes under the right header',
      () => (url) => (url.endsWith('/manifests/dev') ? { body: other } : undefined),
      ['served-other'],
      /serves bytes with the digest sha256:.* and names sha256:/,
    ],
    [
      'a tag that points elsewhere',
      () => (url) =>
        url.endsWith('/manifests/dev')
          ? { body: other, headers: { 'docker-content-digest': '' } }
          : undefined,
      ['tag-moved'],
      /since it was published it moved to sha256:/,
    ],
    [
      'a tag that moves in between',
      () => (url, count) =>
        url.endsWith('/manifests/dev') && count > 1
          ? { body: other, headers: { 'docker-content-digest': '' } }
          : undefined,
      ['tag-moved'],
      /while it was read back it moved to sha256:/,
    ],
    [
      'a tag whose HEAD names another digest',
      () => (url, _count, method) =>
        method === 'HEAD' && url.endsWith('/manifests/dev')
          ? { headers: { 'docker-content-digest': digestOf(other) } }
          : undefined,
      ['served-other'],
      /:dev has another digest in a HEAD, by which docker looks up a tag: sha256:/,
    ],
    [
      'a tag whose HEAD names no digest at all',
      () => (url, _count, method) =>
        method === 'HEAD' && url.endsWith('/manifests/dev')
          ? { headers: { 'docker-content-digest': 'latest' } }
          : undefined,
      ['served-other'],
      /another digest in a HEAD.*: latest; it was published with sha256:/,
    ],
    [
      'a tag whose HEAD names another type and another size',
      () => (url, _count, method) =>
        method === 'HEAD' && url.endsWith('/manifests/dev')
          ? { headers: { 'content-type': 'text/html', 'content-length': '0' } }
          : undefined,
      ['served-other', 'served-other'],
      /another Content-Type in a HEAD.*: "text\/html"; it was published with/,
    ],
    [
      'a tag that is called something else when it is read again',
      () => (url, count, method) =>
        method === 'GET' && url.endsWith('/manifests/dev') && count > 1
          ? { headers: { 'docker-content-digest': digestOf(other) } }
          : undefined,
      ['served-other'],
      /serves bytes with the digest sha256:.* and names sha256:/,
    ],
    [
      'a tag that is called something else by sha512',
      () => (url, _count, method) =>
        method === 'GET' && url.endsWith('/manifests/dev')
          ? { headers: { 'docker-content-digest': SHA512 } }
          : undefined,
      ['served-other'],
      /serves bytes with the digest sha256:.* and names sha512:000/,
    ],
    [
      'a tag of another Content-Type',
      () => (url) =>
        url.endsWith('/manifests/dev')
          ? { headers: { 'content-type': 'application/json' } }
          : undefined,
      ['served-other'],
      /:dev is served with the Content-Type "application\/json"; it was published with/,
    ],
  ];

  test.each(cases)('%s is found', async (_name, change, codes, words) => {
    const { job, made, judged } = await published();
    const verified = await readBack(job(changing(change(made))));
    const { findings, served } = verified;
    const verdict = judged(verified);
    expect([verdict.exitCode, verdict.images, verdict.trials]).toMatchObject([
      1,
      [{ state: 'failed', published: true, verified: false, contradicted: true }],
      made.platforms.map(() => ({ state: 'passed' })),
    ]);
    expect(findings.map(({ code }) => code)).toEqual(codes);
    expect(findings[0]?.message).toMatch(words);
    const known = [undefined, ...made.platforms.map(({ platform }) => platform)];
    for (const { subject } of findings) expect(known).toContain(subject.platform);
    expect(served.get('greeter')).toHaveLength(1);
  });

  test('a damaged layer is a fault in the facts, of every platform that has it', async () => {
    const { job, made } = await published();
    const bad = made.platforms[0]?.layers[0]?.digest;
    const damage = changing((url) => (url.endsWith(`/blobs/${bad}`) ? { body: 'x' } : undefined));
    const { served } = await readBack(job(damage));
    expect(served.get('greeter')?.[0]?.faults).toMatchObject([
      { kind: 'corrupt', platform: made.platforms[0]?.platform, digest: bad },
    ]);
  });

  test('a layer that the registry only calls something else is told apart', async () => {
    const { job, made } = await published();
    const layer = made.platforms[0]?.layers[0]?.digest;
    const renamed = changing((url) =>
      url.endsWith(`/blobs/${layer}`)
        ? { headers: { 'docker-content-digest': digestOf(other) } }
        : undefined,
    );
    const { served } = await readBack(job(renamed));
    expect(served.get('greeter')?.[0]?.faults).toMatchObject([
      { kind: 'wrongClaim', digest: layer },
    ]);
  });

  test('a damaged configuration is a fault in the facts', async () => {
    const { job, made } = await published();
    const bad = made.platforms[0]?.config.digest;
    const damage = changing((url) => (url.endsWith(`/blobs/${bad}`) ? { body: 'x' } : undefined));
    const { served } = await readBack(job(damage));
    expect(served.get('greeter')?.[0]?.faults).toMatchObject([{ kind: 'corrupt', digest: bad }]);
  });

  test('a moved tag is told in the facts as it is', async () => {
    const { job } = await published();
    const other = Buffer.from('{"schemaVersion":2,"manifests":[]}');
    const moved = changing((url) =>
      url.endsWith('/dev')
        ? { body: other, headers: { 'docker-content-digest': '', 'content-type': 'a/b' } }
        : undefined,
    );
    const { served } = await readBack(job(moved));
    expect(served.get('greeter')).toMatchObject([
      { tag: 'dev', index: { mediaType: 'a/b', size: other.length }, platforms: [] },
    ]);
  });

  test('a tag that moved is looked into, and what is gone is said (platform-lost)', async () => {
    const { job, host, made } = await published();
    const store = blobs();
    const other = makeImage(store, 'other', ['linux/arm/v7']);
    await send(store, other, `${host}/acme/greeter`);
    const { findings } = await readBack(job());
    expect(findings.map(({ message }) => message)).toEqual([
      `${host}/acme/greeter:dev was published as ${made.index.descriptor.digest}; since it was published it moved to ${other.index.descriptor.digest}, where linux/amd64 is gone.`,
    ]);
  });

  test('of a tag that moved to what cannot be read nothing is said to be gone', async () => {
    const { job } = await published();
    const entry = { mediaType: mediaTypes.manifest, digest: digestOf('gone'), size: 4 };
    const moved = JSON.stringify({ schemaVersion: 2, manifests: [entry] });
    const port = changing((url) =>
      url.endsWith('/manifests/dev') || url.endsWith(digestOf(moved))
        ? { status: 200, body: moved, headers: { 'docker-content-digest': digestOf(moved) } }
        : undefined,
    );
    const { findings } = await readBack(job(port));
    const move = findings.find(({ code }) => code === 'tag-moved');
    expect(move?.message).toMatch(new RegExp(`it moved to ${digestOf(moved)}\\.$`));
  });

  test('a platform that was not tested is found', async () => {
    const { job } = await published();
    const base = job();
    const [image] = base.images;
    if (image === undefined) throw new Error('there is an image');
    const images = [{ ...image, platforms: image.platforms.slice(1) }];
    const { findings } = await readBack({ ...base, images });
    expect(findings.map(({ code }) => code)).toEqual(['served-platforms', 'served-other']);
  });
});

test('a reference that no run has published is read as what it serves, once for its tags', async () => {
  const { job, host, made, requests } = await published(['dev', 'latest']);
  const { client, limit } = job();
  const target = { repository: `${host}/acme/greeter`, tags: ['dev', 'latest', 'absent'] };
  const [read, ...others] = await verify({ repositories: [{ target }], client, limit });
  expect([others, read?.error]).toEqual([[], undefined]);
  const { index } = made;
  expect(read?.served).toMatchObject([
    { tag: 'dev', index: index.descriptor, faults: [] },
    { tag: 'latest', index: index.descriptor, faults: [] },
    { tag: 'absent', platforms: [] },
  ]);
  const platforms = made.platforms.map(({ platform, manifest }) => ({ platform, manifest }));
  expect(read?.served[0]?.platforms).toMatchObject(platforms);
  const byDigest = requests().filter((line) => line.endsWith(index.descriptor.digest));
  expect(byDigest).toHaveLength(1);
  expect(v.parse(evidenceSchema, evidenceOf()).references).toBeUndefined();
  const evidence = { ...evidenceOf(), references: read?.served };
  expect(v.parse(evidenceSchema, evidence)).toEqual(evidence);
});

describe('a registry that fails', () => {
  test.each([
    ['a login that ended', '/manifests/dev', 401, 'requires a login'],
    ['a layer that is answered with 503', '/blobs/', 503, 'failed while reading'],
  ])('%s: nothing is said about the image', async (_name, part, status, words) => {
    const { job, host } = await published();
    const failing = changing((url) => (url.includes(part) ? { status, body: '' } : undefined));
    const { findings, served } = await readBack(job(failing));
    expect(findings).toMatchObject([
      {
        code: 'registry-failed',
        subject: { image: 'greeter', reference: `${host}/acme/greeter` },
        message: expect.stringContaining(words),
      },
    ]);
    expect(served.get('greeter')).toEqual([]);
  });

  test('is told when nothing of it is under way any more', async () => {
    const { job, made } = await published(['dev', 'other']);
    const layer = made.platforms[0]?.layers[0]?.digest ?? '';
    let open = 0;
    /** One blob fails, the others never come. */
    const failing: Http = async (request) => {
      if (request.url.endsWith(layer)) {
        const headers = new Map<string, string>();
        return { status: 403, headers, body: Readable.from([]) };
      }
      if (!request.url.includes('/blobs/')) return http(request);
      open++;
      return new Promise((_resolve, reject) => {
        request.signal?.addEventListener('abort', () => {
          open--;
          reject(request.signal?.reason);
        });
      });
    };
    const { findings } = await readBack(job(failing, { limit: pLimit(20) }));
    expect([open, findings]).toMatchObject([0, [{ code: 'registry-failed' }]]);
  });

  test('of one image does not end the reading of another in the same repository', async () => {
    const registry = await embedded();
    const store = blobs();
    const repository = `${registry.host}/acme/both`;
    const images = ['bad', 'good'].map((name) => ({
      ...makeImage(store, name, ['linux/amd64']),
      targets: [{ repository, tags: [name] }],
    }));
    const shared = { limit: pLimit(8) };
    const more = {
      clock: fakeClock(),
      publish: 'together',
      embedded: true,
      open: store.open,
    } as const;
    await publish({ ...shared, ...more, images, client: clientFor() });
    const [base, own] = images[0]?.platforms[0]?.layers ?? [];
    let readers = 0;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    /** The layer of both hangs for the bad one, which reads it first; then its own layer fails. */
    const failing: Http = async (request) => {
      if (request.url.endsWith(own?.digest ?? '')) {
        return { status: 403, headers: new Map(), body: Readable.from([]) };
      }
      if (request.url.endsWith('/manifests/good')) await begun;
      if (!request.url.endsWith(base?.digest ?? '') || ++readers > 1) return http(request);
      begin();
      return new Promise((_resolve, reject) => {
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
      });
    };
    const { served, findings } = await readBack({
      ...shared,
      images: images.map((image) => ({ ...image, index: image.index.descriptor })),
      client: clientFor({ http: failing }),
    });
    expect(findings).toMatchObject([{ code: 'registry-failed', subject: { image: 'bad' } }]);
    expect(['bad', 'good'].map((one) => served.get(one)?.length)).toEqual([0, 1]);
    expect(readers).toBe(2);
  });

  test('interrupted, it gives what it has', async () => {
    const { job } = await published();
    const { findings, served } = await readBack(job(undefined, { signal: AbortSignal.abort() }));
    expect([findings, served.get('greeter')]).toEqual([[], []]);
  });
});

describe('a tag that does not show after its 201', () => {
  const old = Buffer.from('{"schemaVersion":2,"manifests":[]}');
  const isTag = (url: string) => url.endsWith('/manifests/dev');
  const gone = { status: 404, body: '' };
  const stale = { body: old, headers: { 'docker-content-digest': digestOf(old) } };

  /** Reads back where `dev` served `old` before, on a clock that is looked at. */
  async function readBackLate(port: Http) {
    const { job, host, judged } = await published(['dev', 'other']);
    const clock = fakeClock();
    const [image] = job().images;
    if (image === undefined) throw new Error('there is an image');
    const moves = [{ tag: 'dev', earlier: [digestOf(old)], kept: false }];
    const targets = image.targets.map((target) => ({ ...target, moves }));
    const client = clientFor({ http: port, clock });
    const verified = await readBack({ ...job(), client, images: [{ ...image, targets }] });
    const slept = clock.slept.reduce((sum, pause) => sum + pause, 0);
    return { ...verified, host, slept, verdict: judged(verified) };
  }

  test.each<[string, Change, (method: string) => boolean, string]>([
    ['404', gone, () => true, 'answers 404 to it'],
    ['404 to a HEAD', gone, (method) => method === 'HEAD', 'answers 404 to a HEAD of it'],
    ['what it served before', stale, () => true, 'still serves what it served before, sha256:'],
    [
      'what it served before, to a HEAD',
      { headers: stale.headers },
      (method) => method === 'HEAD',
      'still serves what it served before, sha256:',
    ],
  ])('but %s is waited for, a minute in all, and is then no fault of the image', async (...row) => {
    const [, change, when, words] = row;
    const wrong = (url: string, method: string) => isTag(url) && when(method);
    const late = changing((url, count, method) =>
      wrong(url, method) && count < 6 ? change : undefined,
    );
    const soon = await readBackLate(late);
    expect([soon.findings, soon.served.get('greeter')?.length]).toEqual([[], 2]);
    expect(soon.slept).toBeLessThan(60_000);

    const never = await readBackLate(
      changing((url, _count, method) => (wrong(url, method) ? change : undefined)),
    );
    expect(never.findings).toMatchObject([
      {
        code: 'registry-failed',
        subject: { image: 'greeter', reference: `${never.host}/acme/greeter`, tag: 'dev' },
        message: expect.stringContaining(`accepted the tag ${never.host}/acme/greeter:dev for`),
      },
    ]);
    expect(never.findings[0]?.message).toContain(words);
    expect(never.slept).toBe(60_000);
    expect([never.verdict.exitCode, never.verdict.images]).toMatchObject([
      3,
      [{ verified: false }],
    ]);
    // The other tag of the same repository is read back all the same.
    const tags = never.served.get('greeter')?.map(({ tag, platforms }) => [tag, platforms.length]);
    expect(tags).toContainEqual(['other', 2]);
  });

  test('ten tags wait for one minute together', async () => {
    const tags = Array.from({ length: 10 }, (_, number) => `v${number}`);
    const { job } = await published(tags);
    const clock = fakeClock();
    const port = changing((url) => (/\/manifests\/v\d$/.test(url) ? gone : undefined));
    const { findings } = await readBack({ ...job(), client: clientFor({ http: port, clock }) });
    expect(findings.map(({ code }) => code)).toEqual(tags.map(() => 'registry-failed'));
    expect(clock.slept.reduce((sum, pause) => sum + pause, 0)).toBe(60_000);
  });

  test('nor do blobs and manifests that are gone wait for longer, however many', async () => {
    const { job, made } = await published();
    const clock = fakeClock();
    const port = changing((url) => (/\/(blobs|manifests)\/sha256:/.test(url) ? gone : undefined));
    const [image] = job().images;
    const targets = Array.from({ length: 8 }, (_, number) => ({
      repository: `x${number}.example/acme/greeter`,
      tags: ['dev'],
      location: image?.targets[0]?.repository ?? '',
    }));
    const images = image === undefined ? [] : [{ ...image, targets }];
    const { findings } = await readBack({
      ...job(),
      images,
      client: clientFor({ http: port, clock }),
    });
    expect(findings.map(({ subject }) => subject.digest)).toEqual(
      targets.map(() => made.index.descriptor.digest),
    );
    expect(clock.slept.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(60_000);
  });
});
