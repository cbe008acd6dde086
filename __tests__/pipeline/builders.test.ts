import { expect, test } from '@jest/globals';
import { type BuildpackPlan, finding, type PlannedImage } from '../../src/evidence/index.js';
import { lockLocation, pinFacts } from '../../src/parity/index.js';
import { judgeLocks, resolveBuilders, stoppedImages } from '../../src/pipeline/builders.js';
import { realPorts } from '../../src/ports/index.js';
import { served } from '../buildpacks/builders.js';
import { digest, lockedImage } from '../parity/locks.js';
import { plannedImage, planOf } from '../plans.js';
import { clientFor } from '../registry/rig.js';

const location = { file: 'sea-trial.yml', line: 3 };

/** An image from buildpacks for linux/amd64. */
function webapp(id: string, build: Partial<BuildpackPlan>): PlannedImage {
  const plan: BuildpackPlan = {
    kind: 'buildpack',
    context: '.',
    builder: '',
    flow: 'pack',
    buildpacks: [],
    preBuildpacks: [],
    postBuildpacks: [],
    env: {},
    clearCache: false,
    trustBuilder: false,
    volumes: [],
    bindings: [],
    secrets: [],
    cacheFrom: [],
    cacheTo: [],
    ...build,
  };
  return { ...plannedImage({ id, platforms: ['linux/amd64'], location }), build: plan };
}

const ELSEWHERE = 'https://git.example/acme/app.git';

const PYTHON = { id: 'heroku/python', version: '0.25.0' };
const OF_PYTHON = {
  order: [{ group: [PYTHON] }],
  layersLabel: { [PYTHON.id]: { [PYTHON.version]: { api: '0.10' } } },
};

const GO = { id: 'heroku/go', version: '1.0.0' };
const OF_GO = {
  order: [{ group: [GO] }],
  layersLabel: { [GO.id]: { [GO.version]: { api: '0.10' } } },
};

/** A plan, and where what its images are built with is read: the builder acme/builder:24, or heroku/builder:24 with heroku/python 0.25.0. */
async function read(
  images: (host: string) => readonly PlannedImage[],
  workspace: Readonly<Record<string, string>> = {},
) {
  const { host } = await served((store) => {
    store.tag('acme/builder:24', store.builder());
    store.tag('heroku/builder:24', store.builder(OF_PYTHON));
    store.tag('heroku/go:1', store.builder(OF_GO));
    store.tag('run:1', store.image());
  });
  const plan = planOf({ images: images(host) });
  const { clock, files: real } = realPorts();
  const textOf = (path: string) => workspace[path.replace('/work/', '')];
  const files = {
    ...real,
    look: async (path: string) =>
      textOf(path) === undefined ? undefined : ({ kind: 'file' } as never),
    read: async (path: string) => Buffer.from(textOf(path) ?? ''),
  };
  const places = {
    client: clientFor(),
    mirrors: [],
    files,
    clock,
    root: '/work',
    locks: new Map(),
  };
  const { signal } = new AbortController();
  return { plan, host, places: { ...places, signal } };
}

/** The same, and what they are built with. */
async function resolved(...described: Parameters<typeof read>) {
  const { plan, host, places } = await read(...described);
  return { plan, host, builders: await resolveBuilders(plan, places) };
}

test('images from buildpacks have their builder and run image; those from Dockerfiles none', async () => {
  const { builders, plan, host } = await resolved((registry) => [
    plannedImage({ id: 'greeter' }),
    webapp('webapp', { builder: `${registry}/acme/builder:24`, buildpacks: ['./own'] }),
  ]);
  expect(builders.findings).toEqual([]);
  expect([...builders.builds.keys()]).toEqual(['webapp']);
  expect(builders.builds.get('webapp')).toMatchObject({
    builder: { reference: `${host}/acme/builder:24`, platforms: [{ platform: 'linux/amd64' }] },
    runImages: [{ reference: `${host}/run:1`, platform: 'linux/amd64' }],
  });
  expect(stoppedImages(plan, builders)).toEqual(new Map());
});

test('an image whose builder cannot be used is stopped at its line, and no other one', async () => {
  const { builders, plan, host } = await resolved((registry) => [
    webapp('good', { builder: `${registry}/acme/builder:24` }),
    webapp('bad', { builder: `${registry}/run:1` }),
    webapp('asking', { builder: `${registry}/acme/builder:24`, preBuildpacks: ['acme/nodejs'] }),
  ]);
  expect(builders.findings).toMatchObject([
    {
      code: 'builder-unusable',
      subject: { image: 'bad', platform: 'linux/amd64', reference: `${host}/run:1` },
      location,
    },
    {
      code: 'builder-unusable',
      subject: { image: 'asking' },
      message: `The builder ${host}/acme/builder:24 has no buildpack acme/nodejs; it has acme/python.`,
      location,
    },
  ]);
  const reason = 'its builder cannot be used for linux/amd64';
  expect([...stoppedImages(plan, builders)]).toEqual([
    ['bad', reason],
    ['asking', reason],
  ]);
});

test('an image is stopped without a builder, whatever severity the finding has, and by errors alone with one', () => {
  const images = ['none', 'some'].map((id) => webapp(id, {}));
  const findings = ['none', 'some'].map((image) => finding('builder-unusable', { image }, 'No.'));
  const builders = { findings, builds: new Map([['some', {} as never]]) };
  const stopped = (severity: 'error' | 'warning') =>
    [...stoppedImages({ images, severities: { 'builder-unusable': severity } }, builders)].map(
      ([id]) => id,
    );
  expect(stopped('error')).toEqual(['none', 'some']);
  expect(stopped('warning')).toEqual(['none']);
});

test('an image whose files pin what its builder does not offer is stopped on their line, whatever the lock is', async () => {
  const builder = (registry: string) => `${registry}/heroku/builder:24`;
  const { builders, plan, host } = await resolved(
    (registry) => [
      webapp('newer', { builder: builder(registry), context: 'newer' }),
      webapp('filtered', { builder: builder(registry), context: 'newer', exclude: ['.python-*'] }),
      webapp('broken', { builder: builder(registry), context: 'broken' }),
      webapp('good', { builder: builder(registry), context: 'good' }),
      webapp('left-out', { builder: builder(registry), context: 'broken', exclude: ['.python-*'] }),
      // What is in a repository elsewhere is not known before its build.
      webapp('elsewhere', { builder: builder(registry), context: ELSEWHERE }),
    ],
    {
      [`${ELSEWHERE}/.python-version`]: '3.14\n',
      'newer/.python-version': '# the newest\n3.14\n',
      'broken/.python-version': '3.13\n3.14\n',
      'good/.python-version': '3.13\n',
    },
  );
  expect(builders.findings).toMatchObject([
    {
      code: 'version-not-offered',
      subject: { image: 'newer', reference: builder(host) },
      message: `3.14 is not offered by ${builder(host)} (heroku/python 0.25.0); newest: 3.13.`,
      location: { file: 'newer/.python-version', line: 2 },
    },
    { code: 'pin-invalid', location: { file: 'broken/.python-version', line: 2 } },
  ]);
  expect([...stoppedImages(plan, builders)]).toEqual([
    ['newer', 'its builder does not offer a pinned version'],
    ['broken', 'its builder refuses a file that pins a version'],
  ]);
  const judged = judgeLocks(plan, new Map([['newer', lockedImage('newer')]]), builders);
  expect(builders.findings[0]?.remedy).toMatch(/^Pin 3\.13, or choose a builder/);
  expect(judged.findings[0]).toMatchObject({
    location: { file: 'newer/.python-version' },
    remedy: expect.stringMatching(/run sea-trial parity update\.$/),
  });
  expect(judged.findings[1]).toEqual(builders.findings[1]);
});

test('an image whose lock is that of its builder is built, and one with an edited fact is not', async () => {
  const { builders, plan } = await resolved((registry) => [
    webapp('same', { builder: `${registry}/acme/builder:24` }),
    webapp('edited', { builder: `${registry}/acme/builder:24` }),
    webapp('open', { builder: `${registry}/acme/builder:24` }),
    webapp('adding', { builder: `${registry}/acme/builder:24`, postBuildpacks: ['./python'] }),
  ]);
  const build = builders.builds.get('same');
  if (build === undefined) throw new Error('the builder was not read');
  const derived = pinFacts(build);
  const [one] = derived.builder.platforms;
  if (one === undefined) throw new Error('the builder has no platform');
  const edited = { ...derived.builder, platforms: [{ ...one, lifecycle: '9.9.9' }] };
  const locks = new Map([
    ['same', lockedImage('same', { derived })],
    ['edited', lockedImage('edited', { derived: { ...derived, builder: edited } })],
    ['adding', lockedImage('adding', { derived })],
  ]);
  const judged = judgeLocks(plan, locks, builders);
  expect(judged.findings).toMatchObject([
    { code: 'lock-disagrees', subject: { image: 'edited' }, location: { file: 'sea-trial.lock' } },
    { code: 'parity-differs', subject: { image: 'adding' } },
  ]);
  expect(stoppedImages(plan, judged)).toEqual(
    new Map([
      ['edited', 'its parity lock is not that of its builder'],
      ['adding', 'it would not be what its parity lock has'],
    ]),
  );
});

test('what a lock says of runtimes counts for the builder that it holds, and for no other', async () => {
  const { places, plan } = await read(
    (registry) => [webapp('webapp', { builder: `${registry}/heroku/go:1` })],
    { 'go.mod': 'module example.org/a\n\ngo 1.22\n' },
  );
  const { builds, findings } = await resolveBuilders(plan, places);
  const build = builds.get('webapp');
  if (build === undefined) throw new Error('the builder was not read');
  const derived = pinFacts(build);
  const another = { ...derived, builder: { ...derived.builder, digest: digest('0') } };
  const probe = { runtime: 'go', buildpack: 'heroku/go@1.0.0', newest: '1.21' } as const;
  const written = { offers: { go: ['1.21.0'] } };
  const probed = { probed: [{ ...probe, platforms: ['linux/amd64'] }] };
  const codesWith = async (lock: Parameters<typeof lockedImage>[1]) => {
    const locks = new Map([['webapp', lockedImage('webapp', lock)]]);
    const found = await resolveBuilders(plan, { ...places, locks });
    return found.findings.map(({ code }) => code);
  };
  expect(findings.map(({ code }) => code)).toEqual(['version-unknown']);
  expect(await codesWith({ derived, ...written })).toEqual(['version-not-offered']);
  expect(await codesWith({ derived, ...probed })).toEqual(['version-not-offered']);
  expect(await codesWith({ derived: another, ...written, ...probed })).toEqual(['version-unknown']);
});

test('what an image brings to its builder is read where a lock holds it, and for no other', async () => {
  const { places, plan, host } = await read((registry) =>
    ['locked', 'open'].map((id) =>
      webapp(id, {
        builder: `${registry}/acme/builder:24`,
        buildpacks: [`docker://${registry}/${id}/buildpack:1`],
      }),
    ),
  );
  const locks = new Map([['locked', lockedImage('locked')]]);
  const { foreign } = await resolveBuilders(plan, { ...places, locks });
  expect([...foreign.keys()]).toEqual([`docker://${host}/locked/buildpack:1`]);
});

test('what the builder holds itself need not be brought, and the other buildpacks of a lock are', async () => {
  const { builders, plan } = await resolved((registry) => [
    webapp('webapp', { builder: `${registry}/heroku/builder:24` }),
  ]);
  const notBrought = (injected: readonly string[]) => {
    const locks = new Map([['webapp', lockedImage('webapp', { injected })]]);
    const { findings } = judgeLocks(plan, locks, builders);
    return findings.flatMap(
      ({ message }) => / does not bring them: (.*)\.$/.exec(message)?.[1] ?? [],
    );
  };
  expect(notBrought(['acme/own@1', 'heroku/python@0.25.0'])).toEqual(['acme/own@1']);
  expect(notBrought(['heroku/python@0.25.0'])).toEqual([]);
});

test('a builder that is gone from its registry is said at the line of the lock that pins it', async () => {
  const gone = `acme/builder:24@sha256:${'0'.repeat(64)}`;
  const { builders, plan } = await resolved((registry) => [
    webapp('webapp', { builder: `${registry}/${gone}` }),
  ]);
  const locks = new Map([['webapp', lockedImage('webapp')]]);
  const [found] = judgeLocks(plan, locks, builders).findings;
  expect(found).toMatchObject({
    code: 'not-pulled',
    location: { file: 'sea-trial.lock', line: expect.any(Number) },
  });
});

test('a finding is at the line of the lock that pins what it is about, and of no other image', () => {
  const lock = lockedImage('webapp');
  const of = (image: string, code: Parameters<typeof finding>[0], reference: string) =>
    finding(code, { image, reference }, 'No.', { location });
  const findings = [
    of('webapp', 'builder-unusable', lock.builder),
    of('webapp', 'not-pulled', lock.runImage),
    of('webapp', 'pin-invalid', lock.builder),
    of('open', 'not-pulled', lock.builder),
    finding('not-pulled', {}, 'Of no image.', { location }),
  ];
  const plan = { images: [webapp('webapp', {}), webapp('open', {})] };
  const read = { findings, builds: new Map(), foreign: new Map() };
  const judged = judgeLocks(plan, new Map([['webapp', lock]]), read);
  expect(judged.findings.map((one) => one.location)).toEqual([
    lockLocation(lock, 'builder'),
    lockLocation(lock, 'run-image'),
    location,
    location,
    location,
  ]);
  expect(lockLocation(lock, 'builder')).not.toEqual(lockLocation(lock, 'run-image'));
  const isUpdated = /sea-trial parity update locks what the source of the lock names now\.$/;
  expect(judged.findings.map(({ remedy = '' }) => isUpdated.test(remedy))).toEqual([
    false,
    true,
    false,
    false,
    false,
  ]);
  expect(judged.findings[0]?.remedy).toBe(findings[0]?.remedy);
});
