import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildBuildpack } from '../../../src/build/buildpack/build-buildpack.js';
import { builderLauncher } from '../../../src/build/buildpack/launcher.js';
import type { BuildpackOrder } from '../../../src/build/buildpack/order.js';
import type { Engine } from '../../../src/engine/index.js';
import { type BuildpackPlan, createRedactor, type Event } from '../../../src/evidence/index.js';
import { createLayout, digestOf, writeTar } from '../../../src/oci/index.js';
import { realPorts } from '../../../src/ports/index.js';
import { anonymous, createRegistryClient } from '../../../src/registry/index.js';
import { makeExport } from '../../oci/images.js';
import { clientFor, embedded } from '../../registry/rig.js';
import { engineThat } from '../../test/engine.js';
import { buildpackOrder } from './order.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sea-trial-build-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Builds in a folder of the test, with an engine's networks that are the loopback. */
async function builtWith(
  plan: Partial<BuildpackPlan>,
  more: Partial<BuildpackOrder['pack']> = {},
  order: Partial<BuildpackOrder> = {},
) {
  const ports = realPorts();
  const removals: Promise<void>[] = [];
  const asked: string[] = [];
  const events: Event[] = [];
  const { http, clock, resolve, files } = ports;
  const networks = {
    create: async () => ({ name: 'sea-trial-local-1', gateway: '127.0.0.1' }),
    remove: async (name: string) => asked.push(`remove ${name}`),
    makeVolume: async () => void asked.push('make a volume'),
    removeVolume: async () => void asked.push('remove a volume'),
  };
  const tools = {
    ...{ files, folder: root, networks, labels: {} },
    later: (work: Promise<void>) => void removals.push(work),
    willPull: async (reference: string) => void asked.push(`will pull ${reference.split('@')[0]}`),
    logins: {},
    client: createRegistryClient({ http, clock, resolve, credentials: anonymous }),
    ...more,
  } as unknown as BuildpackOrder['pack'];
  const layout = await createLayout(files, join(root, 'layout'));
  const result = await buildBuildpack(
    { ...buildpackOrder(plan, tools), root, ...order },
    {
      ports,
      layout,
      scans: new Map(),
      secretEnvironment: {},
      redactor: createRedactor(),
      listen: (event) => void events.push(event),
    },
  );
  await Promise.all(removals);
  return { ...result, asked, events };
}

/** A build with a program in pack's place that ends well and leaves this report. */
async function built(
  report: string,
  more: Partial<BuildpackOrder['pack']> = {},
  { first = 'true', ...plan }: Partial<BuildpackPlan> & { readonly first?: string } = {},
) {
  const pack = join(root, 'pack');
  const lines = [
    '#!/bin/sh',
    `echo "$*" >${root}/arguments`,
    first,
    'while [ "$1" != --report-output-dir ]; do shift; done',
    `cat >"$2/report.toml" <<'END'\n${report}\nEND`,
  ];
  await writeFile(pack, `${lines.join('\n')}\n`, { mode: 0o755 });
  return builtWith(plan, { file: pack, ...more });
}

test.each([
  [`sha256:${'a'.repeat(64)}`, /^What the build has published cannot be read: .*404/],
  ['sha256:short', /^The build ended without an error, and has published no image\.$/],
])(
  'a report that names what was not published fails the build, and not the run: %s',
  async (digest, said) => {
    const { image, findings } = await built(`[image]\ndigest = "${digest}"`);
    expect(image).toBeUndefined();
    expect(findings).toEqual([
      expect.objectContaining({ code: 'build-failed', message: expect.stringMatching(said) }),
    ]);
  },
);

test('a lifecycle that holds the login for the run image is named by its digest, and removed', async () => {
  const pulled: string[] = [];
  const pack = {
    willPull: async (reference: string) => void pulled.push(reference.split('@')[0] ?? ''),
    lifecycle: async (version: string, platform: string) => `hub/lifecycle@${version}-${platform}`,
  };
  const logins = { 'https://index.docker.io/v1/': { auth: 'eDp5' } };
  const given = () => readFile(join(root, 'arguments'), 'utf8');
  await built('', { ...pack, logins });
  const lifecycle = 'hub/lifecycle@0.21.17-linux/arm64';
  expect(await given()).toContain(`--publish --lifecycle-image ${lifecycle} --no-color`);
  expect(pulled.sort()).toEqual(['heroku/builder', 'hub/lifecycle']);
  await built('', pack);
  expect(await given()).not.toContain('--lifecycle-image');
});

test('the lifecycle is on the network of the build, or on that of the machine where the plan says so', async () => {
  const network = async (plan: Partial<BuildpackPlan>) => {
    await built('', {}, plan);
    return /--network (\S+)/.exec(await readFile(join(root, 'arguments'), 'utf8'))?.[1];
  };
  expect(await network({})).toBe('sea-trial-local-1');
  expect(await network({ network: 'host' })).toBe('host');
});

test('a build that does not end in its time fails with the step that stood still', async () => {
  const steps = ['===> BUILDING', 'Running build for buildpack test/own@1.0.0', 'one'];
  const first = `${steps.map((line) => `echo '${line}'`).join('\n')}\nexec sleep 60`;
  const { image, findings, build } = await built('', {}, { timeout: 1_500, first });
  expect(image).toBeUndefined();
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'build-failed',
      message:
        'the build did not end within 1s500ms: step build test/own 1.0.0 was still running after 1s, without output for 1s',
      detail: ['one'],
      remedy: expect.stringContaining('raise "timeout"'),
    }),
  ]);
  expect(build.duration).toBeLessThan(30_000);
});

test("the builder's launcher is read from a container of it that never starts", async () => {
  const asked: string[] = [];
  const engine = engineThat({
    async create({ image, platform }) {
      asked.push(`create ${image} ${platform}`);
      return 'c1';
    },
    async copyOut(container, path, read) {
      asked.push(`copy ${path} from ${container}`);
      await read(
        writeTar([{ name: 'launcher', size: 3, mode: 0o755, content: Buffer.from('elf') }]),
      );
    },
    remove: async (container) => void asked.push(`remove ${container}`),
  });
  const pack = { engine, labels: {} };
  expect(await builderLauncher(buildpackOrder({}, pack))).toBe(digestOf(Buffer.from('elf')));
  const builder = `heroku/builder@sha256:${'b'.repeat(64)}`;
  expect(asked).toEqual([
    `create ${builder} linux/arm64`,
    'copy /cnb/lifecycle/launcher from c1',
    'remove c1',
  ]);
  const folder = engineThat({
    ...engine,
    copyOut: (_, __, read) =>
      read(writeTar([{ name: 'launcher', kind: 'directory', mode: 0o755 }])),
  });
  await expect(builderLauncher(buildpackOrder({}, { ...pack, engine: folder }))).rejects.toThrow(
    `/cnb/lifecycle/launcher of the builder ${builder} cannot be read: it is not a file.`,
  );
  const ours = new TypeError('a fault of ours');
  const broken = engineThat({ ...engine, copyOut: () => Promise.reject(ours) });
  await expect(builderLauncher(buildpackOrder({}, { ...pack, engine: broken }))).rejects.toBe(ours);
  expect(asked.at(-1)).toBe('remove c1');
});

describe('a build with the lifecycle in a container of the builder', () => {
  const exported = makeExport();
  const BUILDER = `heroku/builder@sha256:${'b'.repeat(64)}`;

  /** An engine whose container publishes an image, as the creator does, and ends with a code. */
  function engineThatPublishes(exitCode = 0, said = '===> EXPORTING\nWarning: it is old\n') {
    let name = '';
    const publish = async () => {
      const [, host = '', path = '', tag = ''] = /^([^/]+)\/(.+):(.+)$/.exec(name) ?? [];
      const { http, clock, resolve } = realPorts();
      const client = createRegistryClient({ http, clock, resolve, credentials: anonymous });
      const repository = client.repository(host, path);
      for (const [digest, bytes] of exported.blobs) {
        const open = () => Readable.from([bytes]);
        await repository.putBlob({ digest, size: bytes.length, open });
      }
      const bytes = exported.blobs.get(exported.manifest.digest) ?? Buffer.alloc(0);
      const { mediaType } = exported.manifest;
      if (exitCode === 0) await repository.putManifest(tag, { bytes, mediaType });
    };
    return engineThat({
      imageId: async () => 'sha256:1',
      async create(spec) {
        name = spec.arguments.at(-1) ?? name;
        return 'c1';
      },
      async copyIn(_, tar) {
        tar.resume();
      },
      start: () => ({
        stdout: Readable.from([Buffer.from(said)]),
        stderr: Readable.from([]),
        ended: publish().then(() => ({ code: 0, signal: null })),
        leave() {},
      }),
      inspect: async () => ({ running: false, exitCode, outOfMemory: false, error: '' }),
      copyOut: (_, __, read) =>
        read(writeTar([{ name: 'launcher', size: 3, mode: 0o755, content: Buffer.from('elf') }])),
      remove: async () => {},
    });
  }

  async function created(
    engine: Engine,
    plan: Partial<BuildpackPlan> = {},
    more: Partial<BuildpackOrder> = {},
  ) {
    const { platformBuilder } = buildpackOrder();
    const lifecycle = { ...platformBuilder.lifecycle, platformApis: ['0.15'] };
    const user = { uid: 1, gid: 2 };
    const order = { platformBuilder: { ...platformBuilder, lifecycle, user }, ...more };
    const cacheClient = clientFor();
    const does = { engine, dockerConfig: '/run/docker', proxies: {}, cacheClient };
    return builtWith(
      { flow: 'creator', context: 'app', ...plan },
      does as unknown as Partial<BuildpackOrder['pack']>,
      order as Partial<BuildpackOrder>,
    );
  }

  beforeEach(() => mkdir(join(root, 'app')));

  test('takes in what that has published, by its tag', async () => {
    const { image, findings, build, asked, events, launcher } = await created(
      engineThatPublishes(),
    );
    expect(image?.facts.manifest.digest).toBe(exported.manifest.digest);
    expect(launcher).toBeUndefined();
    expect(build).toMatchObject({
      steps: [{ name: 'export' }],
      warnings: [{ message: 'it is old' }],
      bases: [
        { reference: 'heroku/builder:24', digest: `sha256:${'a'.repeat(64)}` },
        { reference: 'heroku/heroku:24', digest: `sha256:${'c'.repeat(64)}` },
      ],
    });
    expect(findings).toMatchObject([
      {
        code: 'build-warning',
        subject: { image: 'webapp', platform: 'linux/arm64' },
        message: 'it is old',
        remedy: expect.stringMatching(/^Change what it names, if it is yours/),
      },
    ]);
    expect(asked.sort()).toEqual([
      'make a volume',
      'remove sea-trial-local-1',
      'will pull heroku/builder',
    ]);
    const of = { image: 'webapp', platform: 'linux/arm64' };
    expect(events).toEqual([
      { kind: 'trial', ...of, phase: 'building', detail: 'export' },
      { kind: 'output', ...of, source: 'build', text: 'Warning: it is old' },
    ]);
    expect(await readdir(join(root, 'builds'))).toEqual([]);
  });

  test('begins without the cache where it is to be cleared', async () => {
    const { asked } = await created(engineThatPublishes(), { clearCache: true });
    expect(asked.slice(0, 2)).toEqual(['remove a volume', 'make a volume']);
  });

  test('has no volume for a cache in a registry', async () => {
    const { host } = await embedded();
    const cacheTo = [`type=registry,ref=${host}/acme/cache`];
    const { asked, findings } = await created(engineThatPublishes(), { cacheTo });
    expect(asked).not.toContain('make a volume');
    expect(findings.map(({ code }) => code)).toContain('registry-failed');
  });

  test('of a locked image tells the digest of the launcher that the builder has', async () => {
    const { launcher } = await created(engineThatPublishes(), {}, { locked: true });
    expect(launcher).toBe(digestOf(Buffer.from('elf')));
  });

  test('fails with its exit code, and takes nothing in', async () => {
    const said = '===> BUILDING\nERROR: failed to build: exit status 1\n';
    const { image, findings, build } = await created(engineThatPublishes(51, said));
    expect([image, build.bases]).toStrictEqual([undefined, []]);
    expect(findings.map(({ message }) => message)).toEqual(['a buildpack failed: exit status 1']);
  });

  test('is an error of the engine where that has lost its container', async () => {
    const inspect = async () => ({ running: true, exitCode: 0, outOfMemory: false, error: '' });
    const { findings, image } = await created({ ...engineThatPublishes(), inspect });
    expect(image).toBeUndefined();
    expect(findings).toMatchObject([
      {
        code: 'engine-failed',
        subject: { image: 'webapp', platform: 'linux/arm64' },
        message: "The Docker engine lost a build's container; it was still running.",
      },
      { code: 'build-warning' },
    ]);
  });

  test('of a launcher that is damaged is an error of the engine', async () => {
    const copyOut: Engine['copyOut'] = (_, __, read) =>
      read(Readable.from([Buffer.alloc(512, 'x')]));
    const asked = created({ ...engineThatPublishes(), copyOut }, {}, { locked: true });
    const [first] = (await asked).findings;
    expect(first?.message).toContain(
      `/cnb/lifecycle/launcher of the builder ${BUILDER} cannot be read: `,
    );
    expect(first?.message).not.toContain('it is not a file');
  });
});

test('a build that its engine cannot make fails with the reason, and asks nothing of it', async () => {
  const refusal = 'Builds with buildpacks need Linux containers.';
  const { findings, asked, build } = await builtWith({}, { refusal });
  expect(findings).toMatchObject([{ code: 'engine-failed', message: refusal }]);
  expect([asked, build.steps, build.bases]).toStrictEqual([[], [], []]);
});

test('a pack that is not there is the fault of the surroundings', async () => {
  const { findings } = await builtWith({}, { file: join(root, 'no-pack') });
  expect(findings).toMatchObject([
    {
      code: 'engine-failed',
      message: expect.stringMatching(/^pack could not be started: .*ENOENT.*\.$/),
    },
  ]);
});

test.each([
  ['which has no IPv4 address', undefined],
  ['192.0.2.1', '192.0.2.1'],
])(
  'an engine whose networks are not of this machine builds nothing here: %s',
  async (words, gateway) => {
    const removed: string[] = [];
    const networks = {
      create: async () => ({ name: 'sea-trial-local-1', gateway }),
      remove: async (name: string) => removed.push(name),
      makeVolume: async () => {},
    } as unknown as BuildpackOrder['pack']['networks'];
    const { findings } = await builtWith({}, { networks });
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      [
        'engine-failed',
        `The gateway of the engine's networks, ${words}, is not an address of this machine, so that a build cannot reach its registry here. Builds with buildpacks need an engine on this machine, with its own network there.`,
      ],
    ]);
    expect(removed).toEqual(['sea-trial-local-1']);
  },
);
