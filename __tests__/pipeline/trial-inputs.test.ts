import { describe, expect, test } from '@jest/globals';
import { isDockerfileOrder } from '../../src/build/index.js';
import type { Environment } from '../../src/environment/index.js';
import {
  type Event,
  type Finding,
  finding,
  type Plan,
  type PlannedImage,
} from '../../src/evidence/index.js';
import type { RunContext } from '../../src/pipeline/context.js';
import { trialInputs } from '../../src/pipeline/trial-inputs.js';
import { request } from '../config/memory.js';
import { lockedImage } from '../parity/locks.js';
import { plannedBuild, plannedImage, planOf } from '../plans.js';

const links = new Map<string, string>();
const written = new Map<string, string>();

interface Described {
  readonly builder?: Partial<Environment['builder']>;
  readonly obstacle?: string;
  /** Beside the two that are always there. */
  readonly images?: readonly PlannedImage[];
  /** Of every Dockerfile, if not its path. */
  readonly text?: string;
  readonly pack?: boolean;
  /** Of every platform but the engine's own. */
  readonly warning?: Finding;
  readonly severities?: Plan['severities'];
  /** Pinned beside debian:12. */
  readonly pinned?: readonly string[];
  readonly told?: Event[];
  /** What was found of the builder of `webapp`. */
  readonly found?: object;
}

/** An image from buildpacks for linux/arm64. */
const webapp = (id: string): PlannedImage =>
  ({
    ...plannedImage({ id, platforms: ['linux/arm64'] }),
    build: { kind: 'buildpack' },
  }) as PlannedImage;

const platformBuilder = {
  platform: 'linux/arm64',
  digest: 'sha256:b',
  lifecycle: { version: '0.21.17' },
  buildpacks: [{ id: 'acme/python', version: '1.2.3' }],
};
const runImage = {
  reference: 'acme/run:1',
  platform: 'linux/arm64',
  digest: 'sha256:r',
  indexDigest: 'sha256:i',
  diffIds: ['sha256:l'],
};

const ELSEWHERE = 'https://github.com/acme/remote.git';

const LOCKED = { process: 'web', injected: ['acme/injected@1'] };

/** The trials of some images on an engine for linux/amd64, in the order of the plan. */
async function allInputs({
  builder = {},
  obstacle,
  images = [],
  pack = true,
  text,
  warning,
  severities = {},
  pinned = [],
  told = [],
  found = { builder: { platforms: [platformBuilder] }, runImages: [runImage] },
}: Described = {}) {
  const all = [
    plannedImage({ id: 'greeter' }),
    plannedImage({
      id: 'remote',
      platforms: ['linux/s390x'],
      build: plannedBuild({ context: ELSEWHERE }),
    }),
    ...images,
  ];
  const base = { reference: 'debian:12', line: 1, pinned: false };
  const other = { reference: 'alpine:3', line: 2, pinned: false };
  const context = {
    options: {
      planned: {
        plan: planOf({ images: all, severities }),
        bases: new Map([
          ['greeter', [base, other, base]],
          ['each', [{ ...base, platforms: ['linux/arm64'] }]],
        ]),
        lookAlikes: [],
        locks: new Map([['webapp', lockedImage('webapp', LOCKED)]]),
      },
      request: request({ secretValues: new Map([['npm', 'x']]) }),
      folder: '/run',
      listen: (event: Event) => void told.push(event),
    },
    ports: {
      files: {
        makeDirectory: async () => {},
        link: async (target: string, path: string) => void links.set(path, target),
        look: async () => undefined,
        write: async (path: string, content: string) => void written.set(path, content),
        read: async (path: string) => Buffer.from(text ?? `# ${path}`),
      },
    },
    environment: {
      facts: { platform: 'linux/amd64' },
      buildx: { file: 'docker', prefix: ['buildx'], version: '0.29.1' },
      builder: {
        name: 'farm',
        driver: 'remote',
        nodes: [
          { name: 'here', native: new Set(['linux/amd64']) },
          { name: 'there', native: new Set(['linux/arm64', 'linux/s390x']), endpoint: 'tcp://h:1' },
        ],
        ...builder,
      },
      status: async (platform: string) => {
        const emulated = platform !== 'linux/amd64';
        return { runs: true, emulated, ...(emulated && warning !== undefined && { warning }) };
      },
      reprobe: async (platform: string) => ({ emulator: `qemu for ${platform}` }),
    },
    preflight: {
      bases: new Map(
        ['debian:12', ...pinned].map((name) => [name, { name, digest: 'sha256:d' }] as const),
      ),
      builds: new Map([['webapp', found]]),
      stopped: new Map([['stopped', 'its builder cannot be used']]),
      ...(obstacle === undefined ? {} : { obstacle }),
    },
    ...(pack && {
      pack: {
        tools: { file: 'pack' },
        cacheOf: (image: string, platform: string) => `cache of ${image} on ${platform}`,
      },
    }),
  } as unknown as RunContext;
  return trialInputs(context);
}

/** Those that are built, from Dockerfiles. */
async function inputs(described?: Described) {
  const all = await allInputs(described);
  return all
    .flatMap((one) => (one.notRun === undefined ? [one] : []))
    .filter((one) => isDockerfileOrder(one));
}

describe('the trials of a run', () => {
  test('are one for each image on each of its platforms', async () => {
    const all = await inputs();
    expect(all.map(({ image, platform }) => [image.id, platform])).toEqual([
      ['greeter', 'linux/amd64'],
      ['greeter', 'linux/arm64'],
      ['remote', 'linux/s390x'],
    ]);
    for (const one of all) {
      expect(one).toMatchObject({ root: '/work', builder: 'farm', driver: 'remote' });
      expect([...one.secretVariables]).toEqual([['npm', 'SEA_TRIAL_SECRET_0']]);
      expect([one.enginePlatform, one.notRun]).toEqual(['linux/amd64', undefined]);
    }
  });

  test("are native on the engine's own platform alone, and on each node that runs theirs", async () => {
    const all = await inputs();
    expect(all.map(({ native }) => native)).toEqual([true, false, false]);
    expect(all.map(({ nodes = [] }) => nodes.map(({ name, native }) => [name, native]))).toEqual([
      [
        ['here', true],
        ['there', false],
      ],
      [
        ['here', false],
        ['there', true],
      ],
      [
        ['here', false],
        ['there', true],
      ],
    ]);
  });

  test('ask for the proof of their own platform', async () => {
    const all = await inputs();
    expect(await Promise.all(all.map((one) => one.platformStatus()))).toEqual([
      { runs: true, emulated: false },
      { runs: true, emulated: true },
      { runs: true, emulated: true },
    ]);
    expect(await Promise.all(all.map((one) => one.recheckPlatform()))).toEqual([
      { emulator: 'qemu for linux/amd64' },
      { emulator: 'qemu for linux/arm64' },
      { emulator: 'qemu for linux/s390x' },
    ]);
  });

  test('have a file of their own in which buildx names the node, where there are several', async () => {
    const files = (await inputs()).map(({ metadataFile }) => metadataFile);
    expect(files).toEqual([
      '/run/build-greeter%40linux%2Famd64.json',
      '/run/build-greeter%40linux%2Farm64.json',
      '/run/build-remote%40linux%2Fs390x.json',
    ]);
    const one = await inputs({ builder: { nodes: [{ name: 'here', native: new Set() }] } });
    expect(one.map(({ metadataFile }) => metadataFile)).toEqual([undefined, undefined, undefined]);
  });

  test('have the Dockerfile and a name for their context where these are files here', async () => {
    const [first, second, remote] = await inputs();
    expect(first?.dockerfile).toBe('# /work/Dockerfile');
    expect(first?.contextLink).toMatch(/^\/run\/contexts\/work-[0-9a-f]{12}$/);
    expect(second?.contextLink).toBe(first?.contextLink);
    expect(links.get(first?.contextLink ?? '')).toBe('/work');
    expect([remote?.dockerfile, remote?.contextLink]).toEqual([undefined, undefined]);
  });

  test('are built on the pinned bases, each once; what could not be pinned is left to the builder', async () => {
    const all = await inputs();
    const pinned = [{ name: 'debian:12', digest: 'sha256:d' }];
    expect(all.map(({ bases }) => bases)).toStrictEqual([pinned, pinned, []]);
  });

  test('have the build of their own platform, with its own context, Dockerfile and bases', async () => {
    const own = (platform: string) => ({ context: platform, file: `${platform}/Dockerfile` });
    const image = plannedImage({
      id: 'each',
      build: plannedBuild({ context: '{arch}', file: '{arch}/Dockerfile' }),
      perPlatform: { 'linux/amd64': own('a'), 'linux/arm64': own('b') },
    });
    const all = (await inputs({ images: [image] })).filter((one) => one.image.id === 'each');
    expect(all.map((one) => [one.image.build.context, one.dockerfile, one.bases])).toEqual([
      ['a', '# /work/a/Dockerfile', []],
      ['b', '# /work/b/Dockerfile', [{ name: 'debian:12', digest: 'sha256:d' }]],
    ]);
    expect(all.map(({ contextLink = '' }) => links.get(contextLink))).toEqual([
      '/work/a',
      '/work/b',
    ]);
  });

  test('read a copy of the Dockerfile where some of its stages are to be native', async () => {
    const image = plannedImage({ id: 'each', build: plannedBuild({ native: ['golang'] }) });
    const text = 'FROM golang\n';
    const all = (await inputs({ images: [image], text })).filter((one) => one.image.id === 'each');
    const copy = 'FROM --platform=$BUILDPLATFORM golang\n';
    expect(all.map(({ dockerfile }) => dockerfile)).toEqual([copy, copy]);
    for (const { nativeDockerfile = '' } of all) {
      expect(nativeDockerfile).toMatch(/^\/run\/dockerfiles\/[0-9a-f]{12}\/Dockerfile$/);
      expect(String(written.get(nativeDockerfile))).toBe(copy);
    }
    const others = await inputs();
    expect(others.map(({ nativeDockerfile }) => nativeDockerfile)).toEqual(
      others.map(() => undefined),
    );
  });

  test('are told of a node that is lost, where the builder can say that', async () => {
    const lost = async () => 'there';
    const [first] = await inputs({ builder: { lost } });
    expect(first?.lost).toBe(lost);
    expect(Object.keys((await inputs())[0] ?? {})).not.toContain('lost');
  });

  test('are not run at all where the registries forbid it', async () => {
    const all = await allInputs({ obstacle: 'ghcr.io/acme/greeter does not accept it' });
    expect(new Set(all.map(({ notRun }) => notRun))).toEqual(
      new Set(['ghcr.io/acme/greeter does not accept it']),
    );
  });

  test('have the builder and the run image of their platform, where they come from buildpacks', async () => {
    const all = await allInputs({ images: [webapp('webapp')] });
    expect(all.at(-1)).toMatchObject({
      platform: 'linux/arm64',
      platformBuilder,
      runImage,
      pack: { file: 'pack' },
      cache: 'cache of webapp on linux/arm64',
    });
    const lock = lockedImage('webapp', LOCKED);
    expect(all.at(-1)).toHaveProperty('expected', {
      location: { ...lock.places.get('builder') },
      buildpacks: ['acme/python@1.2.3', 'acme/injected@1'],
      lifecycle: '0.21.17',
      runImage: {
        reference: 'acme/run:1',
        digests: ['sha256:r', 'sha256:i'],
        diffIds: ['sha256:l'],
      },
      process: 'web',
    });
  });

  test('that nothing is known to build, and that nothing has stopped, are a fault of ours', async () => {
    await expect(allInputs({ images: [webapp('unknown')] })).rejects.toThrow(
      'unknown has no builder for linux/arm64, and is not stopped',
    );
    for (const found of [
      { builder: { platforms: [platformBuilder] } },
      { builder: { platforms: [platformBuilder] }, runImages: [{ ...runImage, platform: 'x' }] },
      { builder: { platforms: [{ ...platformBuilder, platform: 'x' }] }, runImages: [runImage] },
    ]) {
      await expect(allInputs({ images: [webapp('webapp')], found })).rejects.toThrow(
        'webapp has no builder for linux/arm64, and is not stopped',
      );
    }
    await expect(allInputs({ images: [webapp('webapp')], pack: false })).rejects.toThrow(
      'there is no pack for webapp',
    );
  });

  test('are not run where their own builder cannot be used, and all others are', async () => {
    const all = await allInputs({ images: [webapp('stopped')] });
    expect(all.map(({ image, notRun }) => [image.id, notRun])).toEqual([
      ['greeter', undefined],
      ['greeter', undefined],
      ['remote', undefined],
      ['stopped', 'its builder cannot be used'],
    ]);
  });
});

describe('what the emulator of a platform lacks', () => {
  const warning = finding('emulator-old', { platform: 'linux/arm64' }, 'It lacks much.');
  const { remedy } = warning;

  test.each<[string, Finding, Plan['severities'], readonly string[]]>([
    ['is told once, with its remedy', warning, {}, [`It lacks much. ${remedy}`]],
    [
      'is told whatever a plan says of it',
      warning,
      { 'emulator-old': 'off' },
      [`It lacks much. ${remedy}`],
    ],
    [
      'has no more words where nothing can be done',
      { ...warning, remedy: undefined } as unknown as Finding,
      {},
      ['It lacks much.'],
    ],
  ])('%s', async (_, lacking, severities, words) => {
    const told: Event[] = [];
    const all = await inputs({ warning: lacking, severities, told });
    const [native, emulated] = all;
    expect(await native?.platformStatus()).toEqual({ runs: true, emulated: false });
    expect(told).toEqual([]);
    for (let times = 0; times < 2; times += 1) {
      expect((await emulated?.platformStatus())?.warning).toBe(lacking);
    }
    expect(told).toEqual(
      words.map((message) => ({ kind: 'warning', code: 'emulator-old', message })),
    );
    await all[2]?.platformStatus();
    expect(told).toHaveLength(words.length * 2);
  });
});

describe('the base that an image says it is built on', () => {
  const digest = `sha256:${'e'.repeat(64)}`;
  const PINNED = 'sha256:d';
  const base = (name: string, of = PINNED) => ({ name, digest: of });

  test.each<[string, string, Parameters<typeof plannedBuild>[0], object | undefined]>([
    ['is pinned, by its full name', 'FROM debian:12', {}, base('docker.io/library/debian:12')],
    ['without a tag is its latest', 'FROM alpine', {}, base('docker.io/library/alpine:latest')],
    [
      'is known by the digest that the Dockerfile names, with its tag',
      `FROM debian:12@${digest}`,
      {},
      base('docker.io/library/debian:12', digest),
    ],
    [
      'has no tag where the Dockerfile names its digest alone',
      `FROM debian@${digest}`,
      {},
      base('docker.io/library/debian', digest),
    ],
    ['is not known where nothing has pinned it', 'FROM busybox:1', {}, undefined],
    ['is none from scratch', 'FROM scratch', {}, undefined],
    ['is none where its name is none', 'FROM Debian//x', {}, undefined],
    [
      'is that of the stage which is built',
      'FROM debian:12 AS one\nFROM busybox:1 AS two',
      { target: 'one' },
      base('docker.io/library/debian:12'),
    ],
    [
      'is that of the last stage else',
      'FROM debian:12 AS one\nFROM busybox:1 AS two',
      {},
      undefined,
    ],
    [
      'is named by arguments of the build',
      'ARG VERSION=1\nFROM debian:$VERSION',
      { args: { VERSION: '12' } },
      base('docker.io/library/debian:12'),
    ],
    [
      'is named by the platform',
      'FROM debian:$TARGETARCH',
      {},
      base('docker.io/library/debian:amd64'),
    ],
    [
      'is none where a build context takes its place',
      'FROM debian:12',
      { contexts: { 'debian:12': './own' } },
      undefined,
    ],
    [
      'is not known where another frontend reads the file',
      '# syntax=acme/frontend:1\nFROM debian:12',
      {},
      undefined,
    ],
    [
      'is not known where the context is not here',
      'FROM debian:12',
      { context: ELSEWHERE },
      undefined,
    ],
  ])('%s', async (_, text, build, expected) => {
    const image = plannedImage({
      id: 'own',
      platforms: ['linux/amd64'],
      build: plannedBuild(build),
    });
    const pinned = ['alpine', 'debian:amd64'];
    const all = await inputs({ images: [image], text, pinned });
    const own = all.find((one) => one.image.id === 'own');
    expect(own?.base).toEqual(expected);
    expect(Object.keys(own ?? {}).includes('base')).toBe(expected !== undefined);
  });
});
