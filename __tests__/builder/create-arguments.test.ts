import { describe, expect, test } from '@jest/globals';
import { nativePlatforms } from '../../src/builder/create.js';
import {
  BUILDKIT_IMAGE,
  builderImages,
  driverOptions,
  flagsOf,
  imageOf,
  nodeArguments,
  ownBuilderName,
} from '../../src/builder/create-arguments.js';
import { definitionPath, readDefinition } from '../../src/builder/definition.js';
import { networkOf } from '../../src/builder/network.js';
import type { CreatingClient, NewBuilder } from '../../src/builder/new-builder.js';
import { DEFAULT_BUILDER } from '../../src/builder/options.js';
import {
  areLocal,
  environmentProxies,
  hasRoad,
  proxiesFor,
  proxyOptions,
  withoutLogins,
} from '../../src/builder/proxies.js';
import { giveVariables, isVariable } from '../../src/builder/variables.js';
import type { Owner } from '../../src/cleanup/index.js';
import type { Shared } from '../../src/engine/index.js';

const option = (name: string, value: string) => ({ name, value });

const OWNER = { run: 'local-00000001', builder: 'b', keepState: false } as unknown as Owner;

const order = (more: Partial<NewBuilder> = {}): NewBuilder =>
  ({
    name: 'b',
    options: DEFAULT_BUILDER,
    engine: { mirrors: [], insecure: { hosts: [], ranges: [] }, proxies: {} },
    sharesLoopback: async () => 'yes',
    registries: [],
    entitlements: [],
    makeFolder: async () => '/folder',
    ...more,
  }) as NewBuilder;

describe('the builder of a run', () => {
  test.each([
    ['local-00000001', 'sea-trial-local-00000001'],
    ['a/b c', 'sea-trial-a-b-c'],
    ['A_.9', 'sea-trial-A_.9'],
  ])('%s is called %s', (run, name) => {
    expect(ownBuilderName(run)).toBe(name);
  });

  test('has the images of its nodes, each once for each engine, where these are containers', () => {
    const own = { ...DEFAULT_BUILDER, driverOptions: [option('image', 'own:1')] };
    const node = { driverOptions: [], platforms: [] };
    const nodes = [node, { ...node, endpoint: 'far' }, { ...node, endpoint: 'far' }];
    expect(builderImages({ ...own, nodes })).toEqual([
      { image: 'own:1' },
      { image: BUILDKIT_IMAGE },
      { image: BUILDKIT_IMAGE, endpoint: 'far' },
    ]);
    expect(builderImages({ ...own, driver: 'kubernetes' })).toEqual([]);
    expect(builderImages({ ...own, driver: 'docker-container' })).toEqual([{ image: 'own:1' }]);
    expect(imageOf([option('x', 'y')], undefined)).toBeUndefined();
  });

  test.each([
    ['docker-container', undefined, [], []],
    ['docker-container', '--debug', [], ['--buildkitd-flags', '--debug']],
    [
      'kubernetes',
      '--debug',
      ['device', 'network.host'],
      [
        '--buildkitd-flags',
        '--debug --allow-insecure-entitlement=device --allow-insecure-entitlement=network.host',
      ],
    ],
    ['remote', '--debug', ['device'], []],
    ['docker', '--debug', ['device'], []],
  ] as const)('of the driver %s is started with %s and %j', (driver, given, allowed, flags) => {
    expect(flagsOf(driver, given, allowed)).toEqual(flags);
  });

  test('has its options but for variables, which others could read', () => {
    const given = [option('network', 'n'), option('env.SECRET', 'hunter2')];
    expect(driverOptions('kubernetes', given, order())).toEqual(['--driver-opt', 'network=n']);
    expect(driverOptions('docker-container', given, order())).toEqual([
      ...['--driver-opt', `image=${BUILDKIT_IMAGE}`],
      ...['--driver-opt', 'network=n'],
    ]);
    const own = driverOptions(
      'docker-container',
      [option('image', 'own:1')],
      order({ owner: OWNER }),
    );
    expect(own.slice(0, 2)).toEqual(['--driver-opt', 'image=own:1']);
    expect(own.slice(2)).toEqual([
      '--driver-opt',
      expect.stringMatching(/^env\.SEA_TRIAL_OWNER=[\w-]+$/),
    ]);
  });

  test('has further nodes, each with what it was given', () => {
    const node = { driverOptions: [], platforms: [] };
    expect(nodeArguments(node, 'remote', order(), [])).toEqual(['--name', 'b', '--append']);
    const full = {
      name: 'n',
      driverOptions: [option('a', 'b')],
      buildkitdFlags: '--debug',
      platforms: ['linux/arm64', 'linux/s390x'],
    };
    expect(nodeArguments(full, 'kubernetes', order(), ['--more'])).toEqual([
      ...['--name', 'b', '--append', '--node', 'n', '--driver-opt', 'a=b'],
      ...['--buildkitd-flags', '--debug', '--more', '--platform', 'linux/arm64,linux/s390x'],
    ]);
  });
});

test('of what a node says that it runs, its own platform and its kin are native', () => {
  const node = (...platforms: readonly string[]) =>
    nativePlatforms({ name: 'n', status: '', platforms });
  expect(node()).toEqual([]);
  expect(node('linux/amd64', 'linux/amd64/v2', 'linux/arm64', 'linux/386')).toEqual(
    expect.arrayContaining(['linux/amd64', 'linux/amd64/v2']),
  );
  expect(node('linux/amd64', 'linux/arm64', 'linux/s390x')).toEqual(['linux/amd64']);
  expect(node('linux/arm64', 'linux/amd64')).toEqual(['linux/arm64']);
});

describe('the proxies of a builder', () => {
  const LOCAL = 'http://localhost:3128';
  const FAR = 'http://proxy.example:3128';

  test.each([
    [{}, {}],
    [{ HTTP_PROXY: 'a', http_proxy: 'b' }, { HTTP_PROXY: 'a' }],
    [{ HTTP_PROXY: '', http_proxy: 'b' }, { HTTP_PROXY: 'b' }],
    [
      { https_proxy: 'b', no_proxy: 'c' },
      { HTTPS_PROXY: 'b', NO_PROXY: 'c' },
    ],
  ])('of the environment %j are %j', (env, expected) => {
    expect(environmentProxies(env)).toEqual(expected);
  });

  test.each([
    [{ NO_PROXY: 'x' }, false],
    [{ HTTP_PROXY: 'x' }, true],
    [{ HTTPS_PROXY: 'x' }, true],
  ])('%j lead somewhere: %s', (proxies, expected) => {
    expect(hasRoad(proxies)).toBe(expected);
  });

  test.each([
    [{ HTTP_PROXY: LOCAL }, true],
    [{ HTTPS_PROXY: '127.0.0.1:3128' }, true],
    [{ HTTP_PROXY: FAR }, false],
    [{ HTTP_PROXY: 'http://[' }, false],
    [{}, false],
  ])('%j are on the loopback: %s', (proxies, expected) => {
    expect(areLocal(proxies)).toBe(expected);
  });

  const engine = { HTTP_PROXY: 'http://engine:1' };

  test.each<[string, object, object, readonly string[], boolean, object]>([
    ['those of the environment', { HTTP_PROXY: FAR }, engine, [], false, { HTTP_PROXY: FAR }],
    ['else those of the engine', {}, engine, [], false, engine],
    ['not where their login is masked', {}, { HTTP_PROXY: 'http://xxxxx:xxxxx@p' }, [], false, {}],
    ['none where exceptions are all that is set', {}, { NO_PROXY: 'x' }, [], false, {}],
    ['not ours, where its loopback is not ours', { HTTP_PROXY: LOCAL }, engine, [], true, engine],
    ['ours, where it is', { HTTP_PROXY: LOCAL }, engine, [], false, { HTTP_PROXY: LOCAL }],
    ['ours, where they are elsewhere', { HTTP_PROXY: FAR }, engine, [], true, { HTTP_PROXY: FAR }],
    [
      'but for what its user sets',
      { HTTP_PROXY: FAR, NO_PROXY: 'x' },
      engine,
      ['env.http_proxy'],
      false,
      { NO_PROXY: 'x' },
    ],
  ])('are %s', (_, env, own, given, apart, expected) => {
    const options = given.map((name) => option(name, 'set'));
    expect(proxiesFor(env as never, own as never, options, apart)).toEqual(expected);
  });

  test('are variables of BuildKit, and shown without logins', () => {
    expect(proxyOptions({ HTTP_PROXY: FAR })).toEqual([option('env.HTTP_PROXY', FAR)]);
    expect(withoutLogins('at http://me:pass@p:1 and "tcp://x@y"')).toBe(
      'at http://p:1 and "tcp://y"',
    );
  });
});

/** A client whose files are in memory. */
function clientWith(content: Readonly<Record<string, string>>, env: object = {}) {
  const files = new Map(Object.entries(content));
  const client = {
    env: { BUILDX_CONFIG: '/buildx', ...env },
    files: {
      look: async (path: string) => (files.has(path) ? { kind: 'file' } : undefined),
      async read(path: string) {
        const text = files.get(path);
        if (text === undefined) throw new Error('ENOENT');
        return Buffer.from(text);
      },
      write: async (path: string, text: string) => void files.set(path, `${text}`),
      async rename(from: string, to: string) {
        files.set(to, files.get(from) ?? '');
        files.delete(from);
      },
      remove: async (path: string) => void files.delete(path),
    },
    resolve: async () => [],
  };
  return { client: client as unknown as CreatingClient, files };
}

describe('the network of a builder', () => {
  const GIVEN = ['--buildkitd-config', '/folder/buildkitd.toml'];
  const HOST = ['--driver-opt', 'network=host'];
  const mirrored = (url: string) => ({
    engine: { mirrors: [url], insecure: { hosts: [], ranges: [] }, proxies: {} },
  });

  async function network(
    more: Partial<NewBuilder> = {},
    {
      driver = 'docker-container',
      content = {},
      env = {},
    }: { driver?: string; content?: object; env?: object } = {},
  ) {
    const { client, files } = clientWith(content as Record<string, string>, env);
    const found = await networkOf(driver, order(more as never), '/folder', client);
    return { ...found, files };
  }

  test('is its own where nothing is on a loopback', async () => {
    expect(await network()).toMatchObject({ args: [], proxies: [] });
  });

  test('is the host’s where a registry or a mirror is on the loopback of its engine', async () => {
    expect((await network({ registries: ['localhost:5000'] })).args).toEqual(
      expect.arrayContaining(HOST),
    );
    const { args, files } = await network(mirrored('http://127.0.0.1:5000/'));
    expect(args).toEqual([...HOST, ...GIVEN]);
    expect(files.get('/folder/buildkitd.toml')).toContain('127.0.0.1:5000');
    expect((await network(mirrored('https://mirror.example'))).args).toEqual(GIVEN);
  });

  test('is not the host’s on the engine of another machine, whose loopback that is not', async () => {
    const there = { options: { ...DEFAULT_BUILDER, endpoint: 'far' } };
    expect((await network({ ...there, registries: ['localhost:5000'] })).args).not.toEqual(
      expect.arrayContaining(HOST),
    );
    expect((await network({ ...there, ...mirrored('http://127.0.0.1:5000/') })).args).toEqual([]);
  });

  test('is the one that its user names', async () => {
    const driverOptions = [option('network', 'mine')];
    const options = { ...DEFAULT_BUILDER, driverOptions };
    const { args } = await network({ options, registries: ['localhost:5000'] });
    expect(args.join(' ')).not.toContain('network=host');
    const other = { ...DEFAULT_BUILDER, driverOptions: [option('memory', '1g')] };
    const beside = await network({ options: other, registries: ['localhost:5000'] });
    expect(beside.args).toEqual(HOST);
  });

  test('has the configuration that its user names, or that buildx takes by itself, and no other', async () => {
    const own = (buildkitdConfig: NonNullable<NewBuilder['options']['buildkitdConfig']>) => ({
      options: { ...DEFAULT_BUILDER, buildkitdConfig },
      ...mirrored('https://mirror.example'),
    });
    expect((await network(own({ file: '/mine.toml' }))).args).toEqual([
      '--buildkitd-config',
      '/mine.toml',
    ]);
    const text = await network(own({ text: 'debug = true' }));
    expect([text.args, text.files.get('/folder/buildkitd.toml')]).toEqual([GIVEN, 'debug = true']);
    const usual = { content: { '/buildx/buildkitd.default.toml': '' } };
    expect((await network(mirrored('https://mirror.example'), usual)).args).toEqual([]);
  });

  test('of a builder that is no container is left to its driver', async () => {
    const asked = { driver: 'kubernetes', env: { HTTP_PROXY: 'http://p:1' } };
    expect(await network({ registries: ['localhost:5000'] }, asked)).toMatchObject({
      args: [],
      proxies: [],
    });
  });

  test.each<[Shared, string, boolean]>([
    ['yes', 'http://localhost:1', true],
    ['unknown', 'http://localhost:1', true],
    ['no', 'http://localhost:1', false],
    ['no', 'http://p.example:1', true],
  ])(
    'has a proxy where the builder can reach it: loopback shared %s, %s',
    async (shared, url, has) => {
      const { args, proxies } = await network(
        { sharesLoopback: async () => shared },
        { env: { HTTP_PROXY: url } },
      );
      expect(proxies).toEqual(has ? [option('env.HTTP_PROXY', url)] : []);
      expect(args).toEqual(has && url.includes('localhost') ? HOST : []);
    },
  );

  test('has no proxy of this machine on the engine of another one', async () => {
    const there = { options: { ...DEFAULT_BUILDER, endpoint: 'far' } };
    const local = await network(there, { env: { HTTP_PROXY: 'http://localhost:1' } });
    expect([local.args, local.proxies]).toEqual([[], []]);
    const far = await network(there, { env: { HTTP_PROXY: 'http://p.example:1' } });
    expect(far.proxies).toHaveLength(1);
  });
});

describe('variables of a node', () => {
  const PATH = '/buildx/instances/b';
  const definition = (...nodes: readonly object[]) => JSON.stringify({ Nodes: nodes, Other: 1 });
  const secret = [option('env.A', 'hunter2'), option('image', 'x')];

  test('are options that begin with env', () => {
    expect(secret.map(isVariable)).toEqual([true, false]);
  });

  test('are written where buildx keeps the last node, or the one of that name', async () => {
    const nodes = [
      { Name: 'n0', DriverOpts: { old: '1' } },
      { Name: 'n1', DriverOpts: null },
    ];
    const last = clientWith({ [PATH]: definition(...nodes) });
    await giveVariables(secret, {}, 'B', last.client);
    expect(JSON.parse(last.files.get(PATH) ?? '')).toEqual({
      Nodes: [nodes[0], { Name: 'n1', DriverOpts: { 'env.A': 'hunter2' } }],
      Other: 1,
    });
    const named = clientWith({ [PATH]: definition(...nodes) });
    await giveVariables(secret, { name: 'N0' }, 'b', named.client);
    expect(JSON.parse(named.files.get(PATH) ?? '').Nodes[0]).toEqual({
      Name: 'n0',
      DriverOpts: { old: '1', 'env.A': 'hunter2' },
    });
  });

  test('are none where no option is one, and nothing is read then', async () => {
    const { client, files } = clientWith({});
    await giveVariables([option('image', 'x')], {}, 'b', client);
    expect([...files]).toEqual([]);
  });

  test.each([
    ['there is no such file', undefined],
    ['it is no JSON', '{'],
    ['it has no nodes', '{}'],
    ['a node has no name', definition({})],
    ['no node has that name', definition({ Name: 'other' })],
  ])('cannot be set where %s', async (_, text) => {
    const { client } = clientWith(text === undefined ? {} : { [PATH]: text });
    await expect(giveVariables(secret, { name: 'n' }, 'b', client)).rejects.toThrow(
      'The builder "b" is not stored under /buildx in the format that is known of buildx',
    );
  });

  test('are kept in a file whose name has small letters', async () => {
    expect(definitionPath('/x', 'MyBuilder')).toBe('/x/instances/mybuilder');
    const { client } = clientWith({ [PATH]: definition({ Name: 'n' }) });
    expect(await readDefinition('B', '/buildx', client)).toMatchObject({ Nodes: [{ Name: 'n' }] });
    expect(await readDefinition('other', '/buildx', client)).toBeUndefined();
  });
});
