import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { type Event, type Evidence, judge } from '../../src/evidence/index.js';
import type { Layout } from '../../src/oci/index.js';
import { verifyImages } from '../../src/pipeline/verification.js';
import type { Http } from '../../src/ports/index.js';
import { type RegistryClient, RegistryError } from '../../src/registry/index.js';
import { evidenceOf, plannedImage, trialOf } from '../evidence/sample.js';
import { blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, fakeClock, http } from '../registry/rig.js';
import { publishAndVerify } from './publish-and-verify.js';

/** Publishes an image that was tried; reading its tag back fails with `error`. */
async function readingFails(error: unknown, stop?: AbortController) {
  const [registry, store] = [await embedded(), blobs()];
  const { image, platforms } = makeImage(store, 'greeter');
  const planned = plannedImage({
    id: image,
    targets: [{ repository: `${registry.host}/acme/greeter`, tags: ['dev'] }],
    platforms: platforms.map(({ platform }) => platform),
  });
  const trials = platforms.map((built) => trialOf(image, built.platform, { built }));
  const evidence = { ...evidenceOf({ images: [planned], trials }), publications: [], findings: [] };
  const real = clientFor();
  const client: RegistryClient = {
    ...real,
    repository(host, path) {
      const repository = real.repository(host, path);
      const getManifest = () => {
        stop?.abort();
        return Promise.reject(error);
      };
      return { ...repository, getManifest };
    },
  };
  const signal = stop && { signal: stop.signal };
  const outcome = await publishAndVerify(evidence, store, { client, ...signal });
  return { ...outcome, verdict: judge(outcome) };
}

describe('an error that nobody foresaw, after the tags have moved', () => {
  test('is a finding, and what was published is told', async () => {
    const { publications, findings, verdict } = await readingFails(new TypeError('no such thing'));
    expect(publications).toMatchObject([{ targets: [{ tag: 'dev' }], served: [] }]);
    expect(findings).toMatchObject([
      { code: 'publication-failed', message: 'Reading back failed: no such thing.' },
    ]);
    expect([verdict.exitCode, verdict.images[0]?.published, verdict.images[0]?.verified]).toEqual([
      3,
      true,
      false,
    ]);
  });

  test('is none where the run was interrupted; what was published is told', async () => {
    const { publications, findings } = await readingFails(new Error('x'), new AbortController());
    expect(publications).toMatchObject([{ targets: [{ tag: 'dev' }], served: [] }]);
    expect(findings).toEqual([]);
  });
});

test('a registry that fails while a tag is read back is told with the image and the repository', async () => {
  const request = 'GET https://r.example/v2/acme/greeter/manifests/dev';
  const error = new RegistryError({ code: 'server', request, status: 500 });
  const { publications, findings, plan } = await readingFails(error);
  expect(publications).toMatchObject([{ targets: [{ tag: 'dev' }], served: [] }]);
  const reference = plan.images[0]?.targets[0]?.repository;
  expect(findings).toMatchObject([
    { code: 'registry-failed', subject: { image: 'greeter', reference } },
  ]);
});

describe('publishing that breaks off', () => {
  const failing = async (stop?: AbortController) => {
    const [registry, store] = [await embedded(), blobs()];
    const { image, platforms } = makeImage(store, 'greeter', ['linux/amd64']);
    const targets = [{ repository: `${registry.host}/acme/greeter`, tags: ['dev'] }];
    const planned = plannedImage({ id: image, targets, platforms: ['linux/amd64'] });
    const trials = platforms.map((built) => trialOf(image, built.platform, { built }));
    const base = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
    return publishAndVerify(base, store, {
      localRegistry: registry.host,
      diskError() {
        stop?.abort();
        return new Error('the disk is full');
      },
      ...(stop && { signal: stop.signal }),
    });
  };

  test('is a finding, and nothing was published', async () => {
    const { publications, findings } = await failing();
    expect(publications).toEqual([]);
    expect(findings).toMatchObject([
      { code: 'publication-failed', message: 'Publishing failed: the disk is full.' },
    ]);
  });

  test('is none where the run was interrupted', async () => {
    const { publications, findings } = await failing(new AbortController());
    expect([publications, findings]).toEqual([[], []]);
  });
});

test('an image without a target is not published, and nothing is said of it', async () => {
  const planned = plannedImage({ targets: [], platforms: ['linux/amd64'] });
  for (const more of [{}, { notRun: 'the run was interrupted', tests: [] }]) {
    const trials = [trialOf('greeter', 'linux/amd64', more)];
    const base = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
    const stages: Event[] = [];
    const outcome = await publishAndVerify(base, blobs(), {
      listen: (event) => void stages.push(event),
    });
    expect([outcome.publications, outcome.findings, stages]).toEqual([[], [], []]);
  }
});

test.each<[string, string, string | undefined, boolean]>([
  ['was not there', 'no', undefined, true],
  ['could not be read', 'unknown', undefined, false],
  ['served another index', 'yes', `sha256:${'0'.repeat(64)}`, false],
])('a HEAD that finds no tag, where it %s before the build', async (_, exists, digest, moves) => {
  const registry = await embedded();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  const denying: Http = async (request) => {
    const answer = await http(request);
    const isHead = request.method === 'HEAD' && request.url.endsWith('/manifests/dev');
    return isHead ? { ...answer, status: 404 } : answer;
  };
  const publish = async (platforms: readonly string[], tags: readonly object[], port = http) => {
    const { image, platforms: all } = makeImage(store, 'greeter', platforms);
    const targets = [{ repository, tags: ['dev'] }];
    const planned = plannedImage({ id: image, targets, platforms });
    const trials = all.map((built) => trialOf(image, built.platform, { built }));
    const base = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
    const environment = { ...base.environment, targets: [], tags } as Evidence['environment'];
    const evidence = { ...base, ...(environment && { environment }) };
    return publishAndVerify(evidence, store, { client: clientFor({ http: port }) });
  };
  expect((await publish(['linux/amd64', 'linux/arm64'], [])).findings).toEqual([]);
  const tags = [{ repository, tag: 'dev', exists, digest }];
  const { findings, publications } = await publish(['linux/amd64'], tags, denying);
  expect(findings.some(({ code }) => code === 'platform-lost')).toBe(!moves);
  expect(publications[0]?.targets).toHaveLength(moves ? 1 : 0);
});

test.each([
  [{ files: 1, programs: [], base: 'debian:12' }, /its base debian:12 \(1 more/],
  [{ files: 1, programs: [] }, /one of its bases \(golang:1\.26, debian:12\) \(1 more/],
])('a registry of gzip layers alone hears of the base by %j', async (contents, words) => {
  const registry = await embedded();
  const store = blobs();
  const { image, platforms } = makeImage(store, 'greeter', ['linux/amd64']);
  const targets = [{ repository: `${registry.host}/acme/greeter`, tags: ['dev'] }];
  const planned = plannedImage({ id: image, targets, platforms: ['linux/amd64'] });
  const bases = ['golang:1.26', 'debian:12'].map((reference) => ({
    reference,
    digest: `sha256:${'a'.repeat(64)}`,
  }));
  const build = { started: '', duration: 1, steps: [], warnings: [], bases };
  const trials = platforms.map((built) =>
    trialOf(image, built.platform, { built, build, contents }),
  );
  const gzipOnly: Http = async (request) =>
    request.method === 'PUT' && `${request.body}`.includes('image.layer.v1.tar"')
      ? { status: 415, headers: new Map(), body: Readable.from([]) }
      : http(request);
  const base = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
  const outcome = await publishAndVerify(base, store, { client: clientFor({ http: gzipOnly }) });
  expect(outcome.findings[0]?.message).toMatch(words);
});

test('each platform is published as its own trial built it, and no other image of the run', async () => {
  const registry = await embedded();
  const store = blobs();
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
  const made = ['greeter', 'welcomer'].map((name) => makeImage(store, name, platforms));
  const images = made.map(({ image }) =>
    plannedImage({
      id: image,
      platforms,
      targets: [{ repository: `${registry.host}/acme/${image}`, tags: ['dev'] }],
    }),
  );
  // In another order than the plan's: what belongs together is known by its names.
  const trials = made
    .flatMap(({ image, platforms: all }) =>
      all.map((built) => trialOf(image, built.platform, { built })),
    )
    .reverse();
  const base = evidenceOf({ images, trials, findings: [], publications: [] });
  const client = clientFor();
  const outcome = await publishAndVerify(base, store, { client });
  expect(outcome.findings).toEqual([]);
  for (const { image, platforms: all, index } of made) {
    const published = outcome.publications.find((one) => one.image === image);
    expect(published?.index).toEqual(index.descriptor);
    expect(published?.served).toMatchObject([
      { tag: 'dev', platforms: all.map(({ platform, manifest }) => ({ platform, manifest })) },
    ]);
    const { bytes } = await client.repository(registry.host, `acme/${image}`).getManifest('dev');
    const { manifests } = JSON.parse(bytes.toString()) as {
      manifests: { digest: string; platform: { architecture: string } }[];
    };
    const listed = manifests.filter(({ platform }) => platform.architecture !== 'unknown');
    expect(listed.map(({ digest }) => digest)).toEqual(all.map(({ manifest }) => manifest.digest));
  }
});

test('the longest name there is goes to the embedded registry too', async () => {
  const registry = await embedded();
  const store = blobs();
  const { image, platforms } = makeImage(store, 'greeter', ['linux/amd64']);
  const repository = `ghcr.io/acme/${'a'.repeat(255 - 'ghcr.io/acme/'.length)}`;
  const targets = [{ repository, tags: ['dev'] }];
  const planned = plannedImage({ id: image, targets, platforms: ['linux/amd64'] });
  const trials = platforms.map((built) => trialOf(image, built.platform, { built }));
  const base = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
  const outcome = await publishAndVerify(base, store, { localRegistry: registry.host });
  expect(outcome.findings).toEqual([]);
  expect(outcome.publications[0]?.served).toMatchObject([{ reference: `${repository}:dev` }]);
});

test('what moved before a tag that failed is read back, and nothing else is', async () => {
  const registry = await embedded();
  const store = blobs();
  const made = ['first', 'second'].map((name) => makeImage(store, name, ['linux/amd64']));
  const images = made.map(({ image }) =>
    plannedImage({
      id: image,
      platforms: ['linux/amd64'],
      targets: [
        { repository: `${registry.host}/acme/${image}`, tags: ['a', 'b', 'c'] },
        { repository: `${registry.host}/more/${image}`, tags: ['a'] },
      ],
    }),
  );
  const trials = made.map(({ image, platforms: [built] }) =>
    trialOf(image, 'linux/amd64', built === undefined ? {} : { built }),
  );
  const tagsRead = new Set<string>();
  const repositoriesRead = new Set<string>();
  let isRefused = false;
  /** Takes no tag `b`; knows which tags were read, and what was read after that. */
  const refusing: Http = async (request) => {
    const { method, url } = request;
    const [, name] = /^[^/]+\/\/[^/]+\/v2\/(.*\/manifests\/[abc])$/.exec(url) ?? [];
    if (method === 'GET' && name !== undefined) tagsRead.add(name);
    const refused = method === 'PUT' && url.endsWith('/manifests/b');
    isRefused ||= refused;
    if (isRefused && method === 'GET') {
      repositoriesRead.add(url.replace(/^.*\/v2\/|\/(manifests|blobs)\/.*$/g, ''));
    }
    return http(refused ? { ...request, url: `${url.slice(0, -1)}.no` } : request);
  };
  const base = evidenceOf({ images, trials, findings: [], publications: [] });
  const outcome = await publishAndVerify(base, store, { client: clientFor({ http: refusing }) });
  const [first, second] = outcome.publications;
  expect(first?.targets.map(({ tag }) => tag)).toEqual(['a']);
  expect(first?.served.map(({ reference }) => reference)).toEqual([
    `${registry.host}/acme/first:a`,
  ]);
  expect(first?.served[0]?.index).toEqual(first?.index);
  expect([second?.targets, second?.served]).toEqual([[], []]);
  // What was refused is looked at, in case it serves the same already.
  expect([...tagsRead]).toEqual(['acme/first/manifests/b', 'acme/first/manifests/a']);
  expect([...repositoriesRead]).toEqual(['acme/first']);
  expect(outcome.findings).toMatchObject([{ code: 'registry-failed', subject: { tag: 'b' } }]);
});

test('an image that waits for others names all that did not pass', async () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const images = ['one', 'two', 'three'].map((id) => plannedImage({ id, platforms }));
  const trials = images.flatMap(({ id }) =>
    platforms.map((platform) => {
      const bad = id === 'two' || (id === 'three' && platform === 'linux/amd64');
      return trialOf(id, platform, bad ? { notRun: 'the run was interrupted', tests: [] } : {});
    }),
  );
  const base = evidenceOf({ images, trials, findings: [], publications: [] });
  const { publications } = await publishAndVerify(base, blobs());
  expect(publications.map(({ image, notPublished }) => [image, notPublished])).toEqual([
    ['one', 'two on linux/amd64, linux/arm64; three on linux/amd64 did not pass'],
    ['two', 'linux/amd64, linux/arm64; three on linux/amd64 did not pass'],
    ['three', 'two on linux/amd64, linux/arm64; linux/amd64 did not pass'],
  ]);
});

/** Two images for one platform each, of which the trial of `failed` did not pass. */
async function publishedBut(failed: string | undefined, more: Partial<Evidence['plan']>) {
  const registry = await embedded();
  const store = blobs();
  const made = ['one', 'two'].map((name) => makeImage(store, name, ['linux/amd64']));
  const images = made.map(({ image }) =>
    plannedImage({
      id: image,
      platforms: ['linux/amd64'],
      targets: [{ repository: `${registry.host}/acme/${image}`, tags: ['dev'] }],
    }),
  );
  const trials = made.map(({ image, platforms: [built] }) =>
    trialOf(image, 'linux/amd64', {
      ...(built === undefined ? {} : { built }),
      ...(image === failed ? { notRun: 'the run was interrupted', tests: [] } : {}),
    }),
  );
  const sample = { images, trials, publications: [], plan: more };
  const base = { ...evidenceOf(sample), findings: [] };
  const { publications } = await publishAndVerify(base, store);
  return {
    read: publications.flatMap(({ image, served }) => (served.length > 0 ? [image] : [])),
    tagged: publications.flatMap(({ image, targets }) => (targets.length > 0 ? [image] : [])),
    reasons: publications.map(({ image, notPublished }) => [image, notPublished]),
    requests: registry.requests(),
  };
}

test.each<[string, string | undefined, Partial<Evidence['plan']>, readonly string[]]>([
  ['all of them where all have passed', undefined, {}, ['one', 'two']],
  ['none together with one that has not passed', 'two', {}, []],
  ['one by itself where each goes alone', 'two', { publish: 'per-image' }, ['one']],
  ['none of a part of a plan', undefined, { partial: true }, []],
])('published are %s', async (_, failed, plan, expected) => {
  const { tagged, read, reasons, requests } = await publishedBut(failed, plan);
  expect(tagged).toEqual(expected);
  expect(read).toEqual(expected);
  if (expected.length === 0) expect(requests).toEqual([]);
  const words = plan.partial
    ? 'only some of its platforms were tested'
    : expect.stringContaining('linux/amd64 did not pass');
  for (const [image, reason] of reasons) {
    expect(reason).toEqual(expected.includes(image ?? '') ? undefined : words);
  }
});

/** Reads back an image of which the evidence says that it was published under these tags. */
async function readBack(
  tags: readonly { readonly tag: string; readonly isOurs: boolean }[],
  { stop = new AbortController(), diskError = () => {} } = {},
) {
  const registry = await embedded();
  const store = blobs();
  const { image, platforms } = makeImage(store, 'greeter', ['linux/amd64']);
  const repository = `${registry.host}/acme/greeter`;
  const targets = [{ repository, tags: tags.map(({ tag }) => tag) }];
  const planned = plannedImage({ id: image, targets, platforms: ['linux/amd64'] });
  const trials = platforms.map((built) => trialOf(image, built.platform, { built }));
  const base = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
  const published = await publishAndVerify(base, store);
  const publications = published.publications.map((one) => ({
    ...one,
    served: [],
    targets: one.targets.flatMap((target) => {
      const found = tags.find(({ tag }) => tag === target.tag);
      if (found === undefined) return [];
      return [found.isOurs ? target : { ...target, digest: `sha256:${'0'.repeat(64)}` }];
    }),
  }));
  let started = 0;
  const localRegistry = {
    host: async () => {
      started += 1;
      return registry.host;
    },
    throwDiskError: diskError,
    async close() {},
  };
  const context = {
    options: { listen: () => {}, signal: stop.signal },
    identity: { client: clientFor() },
    layout: { read: store.open } as Layout,
    ports: { clock: fakeClock() },
    localRegistry,
  };
  const evidence = { ...published, publications };
  const { publications: read, findings } = await verifyImages(evidence, context);
  const served = read.flatMap((one) => one.served);
  return { started, tags: served.map(({ reference }) => reference), findings };
}

test('a tag that is on another index than the published one is not read back as if it were on it', async () => {
  const { tags } = await readBack([
    { tag: 'moved', isOurs: true },
    { tag: 'stayed', isOurs: false },
  ]);
  expect(tags).toEqual([expect.stringMatching(/:moved$/)]);
});

test('where no tag has moved, no registry is started to read it back', async () => {
  expect(await readBack([])).toEqual({ started: 0, tags: [], findings: [] });
  expect((await readBack([{ tag: 'moved', isOurs: true }])).started).toBe(1);
});

test('a local registry that fails while it is read back is a finding, unless the run was interrupted', async () => {
  const tags = [{ tag: 'moved', isOurs: true }];
  const fails = (stop?: AbortController) =>
    readBack(tags, {
      ...(stop && { stop }),
      diskError() {
        stop?.abort();
        throw new Error('the disk is full');
      },
    });
  expect((await fails()).findings.map(({ message }) => message)).toEqual([
    'Reading back failed: the disk is full.',
  ]);
  expect((await fails(new AbortController())).findings).toEqual([]);
});
