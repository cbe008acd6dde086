import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { EngineError } from '../../src/engine/index.js';
import { interruptedBy, realPorts } from '../../src/ports/index.js';
import { LONGEST_LAG } from '../../src/registry/index.js';
import { UNTRUSTED } from '../config/memory.js';
import { plannedBuild, plannedTest } from '../plans.js';
import { blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded } from '../registry/rig.js';
import type { BuildOptions } from './docker-in-memory.js';
import { publishAndVerify } from './publish-and-verify.js';
import { greeter, run, SECRET } from './run-rig.js';
import { exportFor } from './trial-rig.js';

/* What bounds a run: the engine, what it may, what it must not tell, what registries refuse. */

const NAME = 'ghcr.io/acme/greeter:dev';
const NEW_BUILDER = {
  driver: 'docker-container',
  driverOptions: [],
  nodes: [],
  keepState: false,
  cleanup: true,
} as const;

const codes = ({ evidence }: Awaited<ReturnType<typeof run>>) =>
  evidence?.findings.map(({ code }) => code);

const base = (reference: string) => ({
  bases: new Map([['greeter', [{ reference, line: 1, pinned: false }]]]),
});

describe('an engine that cannot be used', () => {
  test('ends the run with its own words, and the questions to registries with it', async () => {
    const signals: AbortSignal[] = [];
    const { error, builds } = await run({
      plan: { push: true },
      heed: (command) =>
        command.startsWith('docker info')
          ? { code: 1, stderr: 'Cannot connect to the Docker daemon' }
          : undefined,
      http: async ({ signal }) => {
        if (signal !== undefined) signals.push(signal);
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    expect(error).toBeInstanceOf(EngineError);
    expect(builds).toEqual([]);
    expect(signals.length).toBeGreaterThan(0);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  test('is asked for its facts once', async () => {
    const { commands } = await run();
    expect(commands.filter((one) => one.startsWith('docker info'))).toHaveLength(1);
  });
});

describe('what a run makes', () => {
  const created = (commands: readonly string[]) =>
    commands.filter((one) => /^docker buildx (create|rm)/.test(one));

  test('is a builder of its own where one is described, with what the workflow grants and no more', async () => {
    const { commands } = await run({
      request: { newBuilder: NEW_BUILDER, grants: ['network.host', 'privileged', 'device'] },
    });
    const [create = '', rm] = created(commands);
    expect(create).toContain('--driver docker-container');
    expect(create.match(/--allow-insecure-entitlement=[a-z.]+/g)).toEqual([
      '--allow-insecure-entitlement=device',
      '--allow-insecure-entitlement=network.host',
    ]);
    expect(rm).toBeDefined();
    expect(created((await run()).commands)).toEqual([]);
  });

  test('is removed where what comes next fails, before it says so', async () => {
    const { files } = realPorts();
    const fault = new Error('no space left');
    const failing = {
      ...files,
      makeDirectory: async (path: string) => {
        if (path.includes('layout')) throw fault;
        return files.makeDirectory(path);
      },
    };
    const { error, commands } = await run({
      files: failing,
      request: { newBuilder: NEW_BUILDER },
    });
    expect(error).toBe(fault);
    expect(created(commands).map((one) => one.split(' ')[2])).toEqual(['create', 'rm']);
  });

  test('is removed where a trial breaks off by a fault of ours', async () => {
    const { error, commands, images } = await run({
      request: { newBuilder: NEW_BUILDER },
      program: () => {
        throw new TypeError('a fault of ours');
      },
    });
    expect(String(error)).toContain('a fault of ours');
    expect(created(commands).map((one) => one.split(' ')[2])).toEqual(['create', 'rm']);
    expect([...images]).toEqual([]);
  });

  test('and cannot be removed is a finding, and no reason to fail', async () => {
    const outcome = await run({
      heed: (command) =>
        command.startsWith('docker image rm') ? { code: 1, stderr: 'image is in use' } : undefined,
    });
    expect(codes(outcome)).toContain('engine-failed');
    expect(outcome.evidence?.findings.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(outcome.evidence?.publications[0]?.targets).toHaveLength(1);
  });
});

describe('secrets', () => {
  const secrets = {
    images: [
      greeter({
        build: plannedBuild({ secrets: [{ id: 'npm' }] }),
        tests: [plannedTest({ run: { exec: ['/bin/app'] }, stdout: '^never' })],
      }),
    ],
    request: { secretValues: new Map([['npm', SECRET]]), secretSources: [{ id: 'npm' }] },
    program: () => ({ stdout: `it says ${SECRET}\n` }),
  };

  test('reach the build in a variable alone, and nothing that is told or kept', async () => {
    const { evidence, events, commands, builds, environments } = await run(secrets);
    expect(JSON.stringify(evidence)).toContain('it says ***');
    for (const told of [evidence, events, commands]) {
      expect(JSON.stringify(told)).not.toContain(SECRET);
    }
    const [options] = builds;
    const [, variable = ''] = /env=(\w+)/.exec(options?.get('secret')?.[0] ?? '') ?? [];
    const builds_ = environments.filter((env) => env[variable] === SECRET);
    expect(builds_).toHaveLength(2);
  });

  test('of the job are not given to the build of an untrusted run', async () => {
    const { environments } = await run({
      ...secrets,
      request: { ...UNTRUSTED, secretValues: new Map([['npm', SECRET]]) },
    });
    expect(JSON.stringify(environments)).not.toContain(SECRET);
  });
});

test.each([true, false])(
  'buildx asks git about the context in a trusted run alone (untrusted: %s)',
  async (untrusted) => {
    const { commands, environments } = await run({ request: untrusted ? UNTRUSTED : {} });
    const at = commands.findIndex((one) => one.startsWith('docker buildx build'));
    expect([environments[at]?.BUILDX_GIT_INFO, environments[at]?.BUILDX_GIT_LABELS]).toEqual(
      untrusted ? ['false', 'false'] : [undefined, undefined],
    );
  },
);

describe('images that stay in the engine with load', () => {
  const held = (command: string) =>
    command === `docker image inspect --format {{.Id}} ${NAME}`
      ? { stdout: 'sha256:x' }
      : undefined;

  test('have the names of the plan, and the engine is told whose they are', async () => {
    const { images, volumes, evidence } = await run({
      request: { load: 'passed' },
      env: { GITHUB_REPOSITORY: 'Acme/Greeter' },
    });
    const built = evidence?.trials.map((trial) => trial.built?.manifest.digest);
    expect([...images].sort()).toEqual([
      [NAME, built?.[0]],
      [`${NAME}-linux-arm64`, built?.[1]],
    ]);
    expect([...volumes.values()].sort()).toEqual([
      ['https://github.com/acme/greeter', NAME, built?.[0]],
      ['https://github.com/acme/greeter', `${NAME}-linux-arm64`, built?.[1]],
    ]);
  });

  /** Images whose platforms pass by themselves and not beside each other. */
  const differing = (content: string) => ({
    build: (options: BuildOptions) =>
      options.get('platform')?.[0] === 'linux/arm64'
        ? exportFor('arm64', content === '' ? { 'etc/greeter.conf': '' } : {})
        : exportFor('amd64', { 'etc/greeter.conf': 'content' }),
  });

  test('are those that also passed beside their other platforms, or all', async () => {
    const { images, evidence } = await run({ request: { load: 'passed' }, ...differing('') });
    expect(evidence?.findings.map(({ code }) => code)).toEqual(['empty-on-one-platform']);
    expect([...images.keys()]).toEqual([NAME]);
    expect(evidence?.trials.map(({ loaded }) => loaded?.names)).toEqual([[NAME], undefined]);
    const all = await run({ request: { load: 'always' }, ...differing('') });
    expect([...all.images.keys()].sort()).toEqual([NAME, `${NAME}-linux-arm64`]);
    expect(all.evidence?.trials[1]?.loaded?.names).toEqual([`${NAME}-linux-arm64`]);
  });

  test('are none where the image as a whole did not pass', async () => {
    const { images, evidence } = await run({
      request: { load: 'passed' },
      plan: { severities: { 'tree-differs': 'error' } },
      ...differing('absent'),
    });
    expect(evidence?.findings.map(({ code }) => code)).toEqual(['tree-differs']);
    expect([...images]).toEqual([]);
  });

  test.each(['passed', 'always'] as const)(
    'are none after an interruption, and the run leaves none of its own (%s)',
    async (load) => {
      const stop = new AbortController();
      let programs = 0;
      const { images, containers, evidence } = await run({
        request: { load },
        signal: stop.signal,
        program() {
          programs += 1;
          if (programs === 2) stop.abort('SIGINT');
          return {};
        },
      });
      expect(evidence?.trials).toHaveLength(2);
      expect([[...images], [...containers]]).toEqual([[], []]);
    },
  );

  test('are none where a trial breaks off by a fault of ours', async () => {
    let programs = 0;
    const { error, images } = await run({
      request: { load: 'passed' },
      program() {
        programs += 1;
        if (programs === 2) throw new TypeError('a fault of ours');
        return {};
      },
    });
    expect(String(error)).toContain('a fault of ours');
    expect([...images]).toEqual([]);
  });

  test('have not passed where the engine cannot name them, and leave nothing', async () => {
    const outcome = await run({
      request: { load: 'passed' },
      heed: (command) =>
        command.startsWith('docker image tag') && command.endsWith('arm64')
          ? { code: 1, stderr: 'the disk is full' }
          : undefined,
    });
    expect(codes(outcome)).toEqual(['engine-failed']);
    expect([...outcome.images.keys()]).toEqual([NAME]);
    expect(outcome.events).toContainEqual(
      expect.objectContaining({ kind: 'trial', platform: 'linux/arm64', phase: 'done', ok: false }),
    );
  });

  test('wait for their names without holding up what needs their disk', async () => {
    const { files } = realPorts();
    const { images } = await run({
      request: { load: 'passed' },
      images: ['a', 'b', 'c'].map((id) =>
        greeter({ id, targets: [{ repository: `ghcr.io/acme/${id}`, tags: ['dev'] }] }),
      ),
      files: { ...files, free: async () => 1 },
      info: { DockerRootDir: '/var/lib/docker' },
    });
    expect(images.size).toBe(6);
  });

  test('take no name of another repository in an untrusted run, which builds nothing then', async () => {
    const outcome = await run({ request: { load: 'passed', ...UNTRUSTED }, heed: held });
    expect(codes(outcome)).toEqual(['name-taken']);
    expect(outcome.builds).toEqual([]);
    expect(outcome.evidence?.trials.map(({ notRun }) => notRun)).toEqual([
      `${NAME} is not this repository's in the engine`,
      `${NAME} is not this repository's in the engine`,
    ]);
  });

  test.each([
    ['a trusted run takes it', { load: 'passed' as const }],
    ['without load no name is taken', { load: false as const, ...UNTRUSTED }],
  ])('%s', async (_, request) => {
    const outcome = await run({ request, heed: held });
    expect([codes(outcome), outcome.builds.length]).toEqual([[], 2]);
  });
});

describe('bases', () => {
  /** A registry that serves acme/base:dev, and the digest behind it. */
  async function served() {
    const registry = await embedded();
    const store = blobs();
    const { image, platforms } = makeImage(store, 'base');
    const { evidenceOf, plannedImage, trialOf } = await import('../evidence/sample.js');
    const targets = [{ repository: `${registry.host}/acme/base`, tags: ['dev'] }];
    const planned = plannedImage({
      id: image,
      targets,
      platforms: platforms.map(({ platform }) => platform),
    });
    const trials = platforms.map((built) => trialOf(image, built.platform, { built }));
    const sample = evidenceOf({ images: [planned], trials, findings: [], publications: [] });
    const published = await publishAndVerify(sample, store, { client: clientFor() });
    const digest = published.publications[0]?.index?.digest;
    return { reference: `${registry.host}/acme/base:dev`, digest, registry };
  }

  test('are looked up before the builds, which are all made on one and the same', async () => {
    const { reference, digest } = await served();
    const { builds, evidence } = await run({ planned: base(reference) });
    expect(evidence?.findings).toEqual([]);
    expect(builds.map((options) => options.get('build-context'))).toEqual([
      [`${reference}=docker-image://${reference}@${digest}`],
      [`${reference}=docker-image://${reference}@${digest}`],
    ]);
  });

  test('that their registry refuses stop all trials before anything is built', async () => {
    const outcome = await run({
      planned: base('r.example/acme/base:1'),
      http: async () => ({ status: 403, headers: new Map(), body: Readable.from([]) }),
    });
    expect(codes(outcome)).toEqual(['not-pulled']);
    expect(outcome.builds).toEqual([]);
    expect(outcome.evidence?.trials[0]?.notRun).toBe('r.example/acme/base:1 cannot be pulled');
  });
});

test('an interruption before the environment is there ends the run', async () => {
  const signal = AbortSignal.abort('SIGINT');
  expect(interruptedBy(signal)).toBe('SIGINT');
  const { error, builds, stages } = await run({ signal });
  expect([error, builds]).toEqual(['SIGINT', []]);
  expect(stages.map(([stage]) => stage)).toEqual(['environment']);
});

test('waiting for a registry is told: for as long as it asks, and for what it has taken to show', async () => {
  const registry = await embedded();
  const repository = `${registry.host}/acme/greeter`;
  const before = new Set(['wait', 'lag']);
  const empty = (status: number, headers: readonly (readonly [string, string])[] = []) => ({
    status,
    headers: new Map(headers),
    body: Readable.from([]),
  });
  let isTagged = false;
  const { evidence, events } = await run({
    images: [greeter({ targets: [{ repository, tags: ['dev'] }] })],
    plan: { push: true },
    async http(request) {
      const isTag = request.url.endsWith('/manifests/dev');
      isTagged ||= isTag && request.method === 'PUT';
      if (isTagged && request.method === 'GET' && before.delete('wait'))
        return empty(429, [['retry-after', '2']]);
      if (isTag && isTagged && request.method !== 'PUT' && before.delete('lag')) return empty(404);
      return realPorts().http(request);
    },
  });
  expect(evidence?.findings).toEqual([]);
  const told = events.filter(({ kind }) => ['wait', 'lag'].includes(kind));
  expect(told).toMatchObject([
    { kind: 'wait', registry: registry.host, duration: 2000 },
    { kind: 'lag', registry: registry.host, duration: expect.any(Number), longest: LONGEST_LAG },
  ]);
});

describe('a registry without TLS', () => {
  /** Whether a plan's base at r.example is asked for over plain HTTP. */
  async function askedPlainly(described: Parameters<typeof run>[0]) {
    const urls: string[] = [];
    await run({
      planned: base('r.example:5000/acme/base:1'),
      ...described,
      http: async ({ url }) => {
        urls.push(url);
        if (url.startsWith('https:')) throw Object.assign(new Error('no TLS'), { code: 'EPROTO' });
        return { status: 403, headers: new Map(), body: Readable.from([]) };
      },
    });
    return urls.some((url) => url.startsWith('http://r.example:5000/'));
  }

  test('is asked without it where the engine says so, and nowhere else', async () => {
    const insecure = {
      RegistryConfig: { IndexConfigs: { 'r.example:5000': { Secure: false } } },
    };
    expect(await askedPlainly({ info: insecure })).toBe(true);
    expect(await askedPlainly({})).toBe(false);
  });
});

/** How many of eight builds run at once, where `expected` is what all of them wait for. */
async function buildsAtOnce(expected: number, platform: string, described: object) {
  const limits = { now: 0, most: 0 };
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const { evidence } = await run({
    images: ids.map((id) => greeter({ id, targets: [], platforms: [platform] })),
    ...described,
    async whileBuilding() {
      limits.now += 1;
      limits.most = Math.max(limits.most, limits.now);
      for (let turns = 0; turns < 2000 && limits.most < expected; turns += 1) await turn();
      for (let turns = 0; turns < 20; turns += 1) await turn();
      limits.now -= 1;
    },
  });
  expect(evidence?.trials).toHaveLength(ids.length);
  return limits.most;
}

test.each([
  [1, 'linux/amd64'],
  [2, 'linux/amd64'],
  [3, 'linux/arm64'],
])('of builds, as many run at once as are asked for: %i', async (parallel, platform) => {
  const request = { parallel };
  expect(await buildsAtOnce(parallel, platform, { request })).toBe(parallel);
});

test.each([
  ['four native builds', 1, 'linux/amd64', 4],
  ['as many native builds as there are processors, if these are more', 5, 'linux/amd64', 5],
  ['two emulated builds', 1, 'linux/arm64', 2],
  ['as many emulated builds as there are processors, if these are more', 3, 'linux/arm64', 3],
])('without a number, %s run at once', async (_, processors, platform, most) => {
  expect(await buildsAtOnce(most, platform, { processors })).toBe(most);
});

test('the disk of the engine is looked at where it is this machine’s and says where it is', async () => {
  const { files } = realPorts();
  const looked: string[] = [];
  const free = async (path: string) => {
    looked.push(path);
    return 1e12;
  };
  await run({ files: { ...files, free }, info: { DockerRootDir: '/var/lib/docker' } });
  expect(new Set(looked)).toEqual(new Set(['/var/lib/docker']));
  looked.length = 0;
  await run({ files: { ...files, free } });
  expect(looked).toEqual([]);
});
