import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBackgroundTasks, EngineError } from '../../src/engine/index.js';
import { buildpackRegistries } from '../../src/pipeline/buildpack-registries.js';
import { preparePack } from '../../src/pipeline/pack.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import { type Credential, type Credentials, RegistryError } from '../../src/registry/index.js';
import { served } from '../buildpacks/builders.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { request, UNTRUSTED } from '../config/memory.js';
import { buildpackImage, plannedBuildpack, plannedImage, planOf } from '../plans.js';
import { clientFor, http, respond, serve } from '../registry/rig.js';
import { dockerInMemory } from './docker-in-memory.js';
import { exportFor } from './trial-rig.js';

type Opened = Parameters<typeof preparePack>[0];

const real = realPorts();
const folders: string[] = [];

afterEach(async () => {
  for (const one of folders.splice(0)) await real.files.remove(one);
});

interface Described {
  readonly images?: Opened['options']['planned']['plan']['images'];
  readonly push?: boolean;
  readonly request?: Parameters<typeof request>[0];
  readonly credentials?: Credentials;
  readonly facts?: object;
  readonly sharesLoopback?: string;
  readonly env?: Ports['env'];
  readonly heed?: Parameters<typeof dockerInMemory>[0]['heed'];
}

/** An image whose builder, run image and buildpacks each come from a registry of their own. */
const webapp = buildpackImage({
  build: plannedBuildpack({
    builder: 'builders.example/builder:24',
    runImage: 'runs.example/run:24',
    buildpacks: [
      'docker://one.example/buildpack:1',
      'docker://acme/buildpack:1',
      'acme/python@1.2.3',
      // Not where it stands in the middle.
      'other.example/docker://buildpack:1',
    ],
    preBuildpacks: ['docker://two.example/buildpack:1'],
    postBuildpacks: ['docker://three.example/buildpack:1'],
  }),
});

const REGISTRIES = [
  'builders.example',
  'runs.example',
  'one.example',
  'docker.io',
  'two.example',
  'three.example',
];

/** What images from buildpacks are built with; the docker client and pack are in memory. */
async function prepared(described: Described = {}) {
  const folder = await real.files.makeTemporary('sea-trial-pack-');
  folders.push(folder);
  const docker = dockerInMemory({
    build: () => exportFor('amd64'),
    heed(command) {
      const said = described.heed?.(command);
      return said ?? (command === 'pack version' ? { stdout: '0.40.9\n' } : undefined);
    },
  });
  const ports = {
    ...real,
    exec: { ...real.exec, ...docker.exec },
    env: { PATH: '/usr/bin', ...described.env },
  };
  const background = createBackgroundTasks();
  const noted: Parameters<typeof recordInMemory>[1] = [];
  const plan = planOf({ images: described.images ?? [webapp], push: described.push ?? false });
  const opened = {
    options: {
      planned: { plan, source: { dirty: [], repository: 'https://git.example/acme/a' } },
      request: request(described.request),
      folder,
      record: recordInMemory('run-7', noted),
      signal: new AbortController().signal,
    },
    ports,
    identity: {
      // Docker Hub itself has nothing here, whether it can be reached or not.
      client: clientFor({
        http: async (asked) =>
          new URL(asked.url).hostname.endsWith('docker.io')
            ? { status: 404, headers: new Map(), body: Readable.from([]) }
            : http(asked),
      }),
      anonymous: clientFor(),
      credentials: described.credentials ?? (async () => ({ kind: 'anonymous' })),
    },
    environment: {
      facts: { context: 'default', rootless: false, mirrors: [], proxies: {}, ...described.facts },
      sharesLoopback: async () => described.sharesLoopback ?? 'yes',
    },
    background,
  } as unknown as Opened;
  const pack = await preparePack(opened);
  return { pack, ...docker, folder, background, noted, identity: opened.identity };
}

/** The same, where some image is from buildpacks. */
async function toolsOf(described?: Described) {
  const { pack, ...more } = await prepared(described);
  if (pack === undefined) throw new Error('there is no pack');
  return { ...pack, ...more };
}

test('a run without an image from buildpacks has no pack, and looks for none', async () => {
  const { pack, commands } = await prepared({ images: [plannedImage()] });
  expect([pack, commands]).toEqual([undefined, []]);
});

test('the pack on PATH builds, with the labels of the run', async () => {
  const { tools } = await toolsOf();
  expect(tools).toMatchObject({ file: 'pack', labels: { 'sea-trial.run': 'run-7' } });
});

test('everything that a build starts from is in a registry that is known', () => {
  expect([...buildpackRegistries(planOf({ images: [webapp, plannedImage()] }))]).toEqual(
    REGISTRIES,
  );
  const plain = buildpackImage({ build: plannedBuildpack({ builder: 'b.example/builder' }) });
  expect([...buildpackRegistries(planOf({ images: [plain] }))]).toEqual(['b.example']);
});

describe('the proxies of a build', () => {
  const facts = { proxies: { HTTPS_PROXY: 'http://engine:1' } };
  const env = { http_proxy: 'http://environment:1', NO_PROXY: 'inner' };

  test('are those that docker gives to containers, before all others', async () => {
    const DOCKER_CONFIG = await real.files.makeTemporary('sea-trial-docker-');
    folders.push(DOCKER_CONFIG);
    const proxies = { default: { httpsProxy: 'http://containers:1' } };
    await real.files.write(join(DOCKER_CONFIG, 'config.json'), JSON.stringify({ proxies }));
    const { tools } = await toolsOf({ facts, env: { ...env, DOCKER_CONFIG } });
    expect(tools.proxies).toEqual({ HTTPS_PROXY: 'http://containers:1' });
  });

  test.each([
    ['the usual one', {}, {}, 'here'],
    ['that of an empty variable', { env: { DOCKER_HOST: '' } }, {}, 'here'],
    ['that of the variable', { env: { DOCKER_HOST: 'tcp://there:2376' } }, {}, 'there'],
    ['that of the context', { facts: { context: 'far' } }, {}, 'far'],
    ['one without an entry', { env: { DOCKER_HOST: 'tcp://other:2376' } }, {}, 'default'],
    ['one with an empty entry', {}, { 'unix:///var/run/docker.sock': {} }, undefined],
  ])(
    'are those that docker gives to containers of the engine at %s',
    async (_, described, more, name) => {
      const DOCKER_CONFIG = await real.files.makeTemporary('sea-trial-docker-');
      folders.push(DOCKER_CONFIG);
      const at = (host: string) => ({ httpProxy: `http://${host}:1` });
      const proxies = {
        default: at('default'),
        'unix:///var/run/docker.sock': at('here'),
        'tcp://there:2376': at('there'),
        'unix:///far.sock': at('far'),
        ...more,
      };
      await real.files.write(join(DOCKER_CONFIG, 'config.json'), JSON.stringify({ proxies }));
      const { tools } = await toolsOf({
        ...described,
        env: { ...('env' in described ? described.env : {}), DOCKER_CONFIG },
        heed: (command: string) =>
          command.startsWith('docker context inspect')
            ? { stdout: 'unix:///far.sock\n' }
            : undefined,
      });
      expect(tools.proxies).toEqual(name === undefined ? {} : { HTTP_PROXY: `http://${name}:1` });
    },
  );

  test('are else those of the environment, and without any those of the engine', async () => {
    expect((await toolsOf({ facts, env })).tools.proxies).toEqual({
      HTTP_PROXY: 'http://environment:1',
      NO_PROXY: 'inner',
    });
    expect((await toolsOf({ facts })).tools.proxies).toEqual(facts.proxies);
    expect((await toolsOf()).tools.proxies).toEqual({});
  });
});

describe('the logins that a build is given', () => {
  const KINDS: Readonly<Record<string, Credential>> = {
    'builders.example': { kind: 'basic', username: 'me', password: 'mine' },
    'runs.example': { kind: 'identity-token', token: 'identity' },
    'one.example': { kind: 'registry-token', token: 'bearer' },
    'docker.io': { kind: 'basic', username: 'hub', password: 'hubs' },
  };
  const credentials: Credentials = async (registry) => {
    if (registry === 'two.example') throw new Error('the helper is broken');
    return KINDS[registry] ?? { kind: 'anonymous' };
  };
  const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
  const ALL = {
    'builders.example': basic('me:mine'),
    'runs.example': { identitytoken: 'identity' },
    'one.example': { registrytoken: 'bearer' },
    'https://index.docker.io/v1/': basic('hub:hubs'),
  };
  const pushed = (repository: string): Described => ({
    images: [{ ...webapp, targets: [{ repository, tags: ['dev'] }] }],
    push: true,
  });
  const { 'one.example': _, ...withoutOne } = ALL;

  test.each<[string, Described, object]>([
    ['are those of the registries that it reads', {}, ALL],
    ['leave out one that is pushed to', pushed('one.example/acme/a'), withoutOne],
    [
      'keep one that is named as a target and not pushed to',
      { ...pushed('one.example/a/a'), push: false },
      ALL,
    ],
    ['are none in an untrusted run', { request: UNTRUSTED }, {}],
  ])('%s', async (_name, described, auths) => {
    const { tools, folder } = await toolsOf({ ...described, credentials });
    expect(tools.logins).toEqual(auths);
    expect(tools.dockerConfig.startsWith(`${folder}/pack-docker-`)).toBe(true);
    const config = join(tools.dockerConfig, 'config.json');
    expect(JSON.parse((await real.files.read(config)).toString())).toEqual({ auths });
    expect((await real.files.look(config))?.mode).toBe(0o600);
  });

  test('and whether its author is trusted, the build is told', async () => {
    expect((await toolsOf()).tools.untrusted).toBe(false);
    expect((await toolsOf({ request: UNTRUSTED })).tools.untrusted).toBe(true);
  });
});

test('the registry of a build is asked without a login, and caches with those of the run', async () => {
  const challenge = { 'www-authenticate': 'Basic realm="a"' };
  const { host, seen } = await serve((_, response) => respond(response, 401, '', challenge));
  const credentials: Credentials = async () => ({ kind: 'basic', username: 'me', password: 'p' });
  const { tools, identity } = await toolsOf({ credentials });
  const asked = tools.client.repository(host, 'acme/a').headManifest('dev');
  await expect(asked).rejects.toBeInstanceOf(RegistryError);
  expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/v2/acme/a/manifests/dev']));
  expect(seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  expect(tools.cacheClient).toBe(identity.client);
  const untrusted = await toolsOf({ credentials, request: UNTRUSTED });
  expect(untrusted.tools.cacheClient).toBe(untrusted.identity.anonymous);
});

describe('an engine on which nothing can be built with buildpacks', () => {
  test.each<[string, object, string, RegExp | undefined]>([
    ['is rootless', { rootless: true }, 'yes', /on a rootless engine.*not rootless\.$/],
    ['is on another machine', {}, 'no', /on an engine of another machine.*of this machine\.$/],
    ['is on this one', {}, 'yes', undefined],
    ['is somewhere', {}, 'unknown', undefined],
  ])('%s', async (_, facts, sharesLoopback, refusal) => {
    const { tools } = await toolsOf({ facts, sharesLoopback });
    if (refusal === undefined) expect(tools).not.toHaveProperty('refusal');
    else expect(tools.refusal).toMatch(refusal);
  });
});

test('where the engine is, is asked of its context only if that is not the default one', async () => {
  const heed = (command: string) =>
    command.startsWith('docker context inspect') && command.endsWith(' far')
      ? { stdout: 'unix:///far.sock\n' }
      : undefined;
  expect((await toolsOf({ facts: { context: 'far' }, heed })).tools.engineHost).toBe(
    'unix:///far.sock',
  );
  const own = await toolsOf({ heed });
  expect(own.tools).not.toHaveProperty('engineHost');
  expect(own.commands.filter((one) => one.includes('context'))).toEqual([]);
});

describe('the image of a lifecycle', () => {
  test('is named by its digest, from a mirror of Docker Hub too', async () => {
    const registry = await served((store) => {
      store.tag('buildpacksio/lifecycle:0.21.17', store.image());
    });
    const { tools } = await toolsOf({
      facts: { mirrors: ['no address', `http://${registry.host}`] },
    });
    expect(await tools.lifecycle('0.21.17', 'linux/amd64')).toMatch(
      /^docker\.io\/buildpacksio\/lifecycle@sha256:[0-9a-f]{64}$/,
    );
    await expect(tools.lifecycle('0.21.17', 'linux/s390x')).rejects.toThrow(
      /^The image docker\.io\/buildpacksio\/lifecycle:0\.21\.17 .*linux\/s390x/,
    );
  });

  test('that is not there is the fault of the surroundings, with the reason', async () => {
    const registry = await served(() => {});
    const { tools } = await toolsOf({ facts: { mirrors: [`http://${registry.host}`] } });
    const error = await tools.lifecycle('0.21.17', 'linux/amd64').catch((one: unknown) => one);
    expect(error).toBeInstanceOf(EngineError);
    expect(String(error)).toMatch(
      /docker\.io\/buildpacksio\/lifecycle:0\.21\.17.* pack takes the lifecycle from there, so that buildpacks share no container with the login for the run image\.$/,
    );
  });
});

test('an image that a build pulls is removed at the end, unless it was there; each is asked for once', async () => {
  const { tools, undo, noted, commands, images } = await toolsOf();
  images.set('builder:own', 'sha256:own');
  await Promise.all(
    ['builder:new', 'builder:new', 'builder:own'].map((one) => tools.willPull(one)),
  );
  await tools.willPull('builder:new');
  expect(noted).toEqual([{ image: 'builder:new' }]);
  expect(commands.filter((one) => one.includes('image inspect'))).toHaveLength(2);
  images.set('builder:new', 'sha256:new');
  await undo.run();
  expect([...images.keys()]).toEqual(['builder:own']);
});

test('what a build removes while the run goes on, the end of the run waits for', async () => {
  const { tools, background } = await toolsOf();
  tools.later(Promise.reject(new Error('it is in use')));
  expect(await background.settled()).toEqual([new Error('it is in use')]);
});

test.each<[string, Described, string, boolean]>([
  ["the checkout's repository", {}, 'https://git.example/acme/a', false],
  [
    "GitHub's repository",
    { env: { GITHUB_REPOSITORY: 'acme/a' }, request: UNTRUSTED },
    'https://github.com/acme/a',
    true,
  ],
])('the cache of an image on a platform belongs to %s', async (_, described, owner, untrusted) => {
  const { cacheOf } = await toolsOf(described);
  expect(cacheOf('webapp', 'linux/arm64')).toEqual({
    owner,
    image: 'webapp',
    platform: 'linux/arm64',
    untrusted,
  });
});
