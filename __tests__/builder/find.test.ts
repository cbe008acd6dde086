import { describe, expect, test } from '@jest/globals';
import type { BuildxClient } from '../../src/builder/buildx.js';
import { createBuilder, nativePlatforms } from '../../src/builder/create.js';
import {
  builderImages,
  type NodeImage,
  ownBuilderName,
} from '../../src/builder/create-arguments.js';
import { findBuilder, namedBuilder, suitableBuilder } from '../../src/builder/find.js';
import type { Builder } from '../../src/builder/list.js';
import type { NewBuilder } from '../../src/builder/new-builder.js';
import { type BuilderOptions, DEFAULT_BUILDER } from '../../src/builder/options.js';
import { atEndpoint } from '../../src/engine/docker/contexts.js';
import type { Command, Files, Ports } from '../../src/ports/index.js';
import { opts } from '../driver-options.js';

function builder(name: string, driver: string, more: Partial<Builder> = {}): Builder {
  const nodes = [{ name: `${name}0`, status: 'running', platforms: ['linux/amd64'] }];
  return { name, driver, current: false, nodes, ...more };
}

const engine = builder('default', 'docker');
const other = builder('elsewhere', 'docker');
const container = builder('cross', 'docker-container');
const chosen = builder('mine', 'docker-container', { current: true });
const dead = builder('dead', 'remote', {
  nodes: [{ name: 'dead0', status: 'error', platforms: [], error: 'connection refused' }],
});
const half = builder('half', 'docker-container', { nodes: [...dead.nodes, ...container.nodes] });

describe('suitableBuilder', () => {
  test.each<[string, readonly Builder[], 'containerd' | 'classic', string, Builder | undefined]>([
    ["the engine's own", [other, engine, chosen], 'containerd', 'default', engine],
    ["the context's own", [engine, other], 'containerd', 'elsewhere', other],
    ['none of another context', [other], 'containerd', 'default', undefined],
    ['the current container', [engine, container, chosen], 'classic', 'default', chosen],
    ['none that is not current', [engine, container], 'classic', 'default', undefined],
    [
      'none that is a remote',
      [builder('r', 'remote', { current: true })],
      'classic',
      'default',
      undefined,
    ],
    ['none that is broken', [{ ...half, current: true }], 'classic', 'default', undefined],
    ['none that has an error', [{ ...chosen, error: 'x' }], 'classic', 'default', undefined],
    ['none of none', [], 'containerd', 'default', undefined],
  ])('takes %s', (_, builders, store, context, expected) => {
    expect(suitableBuilder(builders, store, context)).toBe(expected);
  });
});

describe('namedBuilder', () => {
  test.each<[Builder, 'containerd' | 'classic']>([
    [engine, 'containerd'],
    [container, 'classic'],
    [container, 'containerd'],
    [half, 'classic'],
  ])('takes $name', (expected, store) => {
    expect(namedBuilder([engine, container, half], expected.name, store)).toBe(expected);
  });

  test.each<[string, 'containerd' | 'classic', string]>([
    ['corss', 'classic', 'There is no builder "corss"; docker buildx knows default, cross, dead.'],
    [
      'default',
      'classic',
      'The builder "default" has the driver docker, which cannot export an image while the engine keeps its images in the classic store; name a builder with the driver docker-container, or none.',
    ],
    ['dead', 'containerd', 'The builder "dead" does not answer: connection refused'],
  ])('refuses %s in words', (name, store, message) => {
    expect(() => namedBuilder([engine, container, dead], name, store)).toThrow(
      expect.objectContaining({ name: 'EngineError', code: 'failed', message }),
    );
  });
});

test('where there are no builders, that is said', () => {
  expect(() => namedBuilder([], 'a', 'classic')).toThrow(
    'There is no builder "a"; docker buildx knows none.',
  );
});

test("a builder of a run's own has a name that buildx takes", () => {
  expect(ownBuilderName('18923/1 a')).toBe('sea-trial-18923-1-a');
});

/** Where a buildx that has no folder keeps the builder b, and what of it. */
const KEPT = 'instances/b';

const kept = {
  Name: 'b',
  Nodes: [
    { Name: 'b0', DriverOpts: { image: 'x' }, Files: { 'buildkitd.toml': 'YQ==' } },
    { Name: 'b1', DriverOpts: null },
  ],
};

/** A docker client whose buildx knows some builders and writes down what it is asked. */
function clientOf(
  listed: readonly (readonly unknown[])[],
  fails?: RegExp,
  env: Readonly<Record<string, string>> = {},
  there: readonly string[] = [],
) {
  const asked: string[] = [];
  const written = new Map<string, string>();
  let looks = 0;
  const run = async ({ file, args }: Command) => {
    const line = [file, ...args].join(' ');
    const done = { code: 0, signal: null, stdout: '', stderr: '' };
    if (line.endsWith('ls --format json')) {
      const builders = listed[Math.min(looks, listed.length - 1)] ?? [];
      looks += 1;
      return { ...done, stdout: JSON.stringify(builders) };
    }
    asked.push(line);
    return fails?.test(line) ? { ...done, code: 1, stderr: 'x\nERROR: no such thing\n' } : done;
  };
  const files = {
    makeTemporary: async () => '/tmp/folder',
    write: async (path: string, text: string) => {
      written.set(path, text);
    },
    remove: async () => {},
    rename: async (from: string, to: string) => {
      written.set(to, written.get(from) ?? '');
      written.delete(from);
    },
    look: async (path: string) => (there.includes(path) ? { kind: 'file' } : undefined),
    read: async (path: string) =>
      Buffer.from(written.get(path) ?? (path === KEPT ? JSON.stringify(kept) : 'PEM')),
  } as unknown as Files;
  const world: BuildxClient & Pick<Ports, 'resolve'> = {
    resolve: async () => [],
    exec: {
      run,
      start: () => {
        throw new Error('nothing is started here');
      },
    },
    env,
    files,
  };
  return { world, asked, written };
}

const never = new AbortController().signal;

/** An engine that was told nothing of registries and proxies. */
const NOTHING_SAID = { mirrors: [], insecure: { hosts: [], ranges: [] }, proxies: {} };

const raw = (name: string, driver: string, ...nodes: readonly (readonly string[])[]) => ({
  Name: name,
  Driver: driver,
  Nodes: nodes.map((Platforms, i) => ({ Name: `${name}${i}`, Status: 'running', Platforms })),
});

const options = (more: Partial<BuilderOptions>): BuilderOptions => ({
  ...DEFAULT_BUILDER,
  ...more,
});

describe('findBuilder', () => {
  const builders = [raw('default', 'docker'), raw('mine', 'docker-container')];

  test.each<
    [
      string,
      string | undefined,
      Partial<BuilderOptions>,
      'containerd' | 'classic',
      string | undefined,
    ]
  >([
    ['the one that is named', 'mine', {}, 'classic', 'mine'],
    ['the one that is named, as it is', 'mine', { driver: 'remote' }, 'classic', 'mine'],
    ['none where another one is described', undefined, { endpoint: 'x' }, 'containerd', undefined],
    [
      'none where options are given',
      undefined,
      { driverOptions: opts('memory=1g') },
      'containerd',
      undefined,
    ],
    [
      'none where more nodes are given',
      undefined,
      { nodes: [{ driverOptions: [], platforms: [] }] },
      'containerd',
      undefined,
    ],
    ['none where the named one is to be made', 'new', { driver: 'remote' }, 'classic', undefined],
    ["the engine's for its driver", undefined, { driver: 'docker' }, 'containerd', 'default'],
    ["the engine's where nothing is said", undefined, {}, 'containerd', 'default'],
    ['none where nothing can export', undefined, { cleanup: false }, 'classic', undefined],
  ])('takes %s', async (_, name, more, store, expected) => {
    const { world } = clientOf([builders]);
    const asked = { ...(name === undefined ? {} : { name }), options: options(more) };
    expect((await findBuilder(asked, { store, context: 'default' }, world, never))?.name).toBe(
      expected,
    );
  });

  test("takes the engine's where no image is built with it, unless one is named or described", async () => {
    const takes = async (name: string | undefined, more: Partial<BuilderOptions> = {}) => {
      const { world } = clientOf([builders]);
      const asked = { ...(name === undefined ? {} : { name }), options: options(more), idle: true };
      const here = { store: 'classic', context: 'default' } as const;
      return (await findBuilder(asked, here, world, never))?.name;
    };
    expect(await takes(undefined)).toBe('default');
    expect(await takes('mine')).toBe('mine');
    expect(await takes(undefined, { endpoint: 'x' })).toBeUndefined();
  });

  test('tells buildx where a cluster is only for a builder that is in one', async () => {
    const there = [...builders, raw('far', 'kubernetes', ['linux/amd64'])];
    const seen = async (asked: Parameters<typeof findBuilder>[0], usual = '') => {
      const { world } = clientOf([there]);
      const looks: (string | undefined)[] = [];
      const run: typeof world.exec.run = (command) => {
        if (command.args.includes('ls')) looks.push(command.env.KUBECONFIG);
        return world.exec.run(command);
      };
      const env = { KUBECONFIG: '/k', BUILDX_BUILDER: usual };
      await findBuilder(
        asked,
        { store: 'containerd', context: 'default' },
        { ...world, env, exec: { ...world.exec, run } },
        never,
      );
      return looks;
    };
    expect(await seen({ options: DEFAULT_BUILDER })).toEqual([undefined]);
    expect(await seen({ options: DEFAULT_BUILDER, name: 'mine' })).toEqual([undefined]);
    expect(await seen({ options: DEFAULT_BUILDER, name: 'far' })).toEqual([undefined, '/k']);
    const cluster = options({ driver: 'kubernetes' });
    expect(await seen({ options: cluster, name: 'far' })).toEqual(['/k']);
    expect(await seen({ options: cluster, name: 'mine' })).toEqual(['/k']);
    expect(await seen({ options: DEFAULT_BUILDER }, 'far')).toEqual([undefined, '/k']);
    expect(await seen({ options: options({ driver: 'kubernetes' }) })).toEqual(['/k']);
  });

  test('says why the driver docker does not do on the classic store', async () => {
    const { world } = clientOf([builders]);
    const asked = { options: options({ driver: 'docker' }) };
    await expect(
      findBuilder(asked, { store: 'classic', context: 'default' }, world, never),
    ).rejects.toThrow(
      'The driver docker cannot export an image while the engine keeps its images in the classic store; use the driver docker-container, or name none.',
    );
  });

  test('names the builders that there are, where one is missed', async () => {
    const { world } = clientOf([builders]);
    const asked = { name: 'corss', options: DEFAULT_BUILDER };
    await expect(
      findBuilder(asked, { store: 'classic', context: 'default' }, world, never),
    ).rejects.toThrow('There is no builder "corss"; docker buildx knows default, mine.');
  });
});

const node = { driverOptions: [], platforms: [] };

describe('createBuilder', () => {
  const order = (more: Partial<BuilderOptions>, rest: Partial<NewBuilder> = {}): NewBuilder => ({
    name: 'b',
    options: options(more),
    engine: NOTHING_SAID,
    sharesLoopback: async () => 'yes' as const,
    registries: [],
    entitlements: [],
    makeFolder: async () => '/tmp/folder',
    ...rest,
  });
  const IMAGE = '--driver-opt image=moby/buildkit:buildx-stable-1';
  const START = 'docker buildx inspect --bootstrap b';

  test.each<[string, NewBuilder, string]>([
    ['nothing said', order({}), `--driver docker-container ${IMAGE}`],
    [
      "the engine's mirror",
      order({}, { engine: { ...NOTHING_SAID, mirrors: ['http://127.0.0.1:5000'] } }),
      `--driver docker-container ${IMAGE} --driver-opt network=host --buildkitd-config /tmp/folder/buildkitd.toml`,
    ],
    [
      "the engine's mirror on a network of the user's",
      order(
        { driverOptions: opts('network=lan') },
        { engine: { ...NOTHING_SAID, mirrors: ['http://127.0.0.1:5000'] } },
      ),
      `--driver docker-container ${IMAGE} --driver-opt network=lan --buildkitd-config /tmp/folder/buildkitd.toml`,
    ],
    [
      'a configuration, an image, flags and entitlements',
      order(
        {
          driverOptions: opts('memory=1g', 'image=moby/buildkit@sha256:aa'),
          buildkitdFlags: '--debug --root "/a b"',
          buildkitdConfig: { file: '/etc/b.toml' },
        },
        {
          engine: { ...NOTHING_SAID, mirrors: ['http://127.0.0.1:5000'] },
          entitlements: ['network.host', 'device'],
        },
      ),
      '--driver docker-container --driver-opt memory=1g --driver-opt image=moby/buildkit@sha256:aa --buildkitd-flags --debug --root "/a b" --allow-insecure-entitlement=network.host --allow-insecure-entitlement=device --buildkitd-config /etc/b.toml',
    ],
    [
      'another machine',
      order(
        { endpoint: 'far' },
        { engine: { ...NOTHING_SAID, mirrors: ['http://127.0.0.1:5000'] } },
      ),
      `--driver docker-container ${IMAGE} far`,
    ],
    [
      'a remote one, which has its own entitlements',
      order(
        { driver: 'remote', endpoint: 'tcp://h:1', driverOptions: opts('cacert=/ca') },
        {
          entitlements: ['network.host'],
          engine: { ...NOTHING_SAID, mirrors: ['http://127.0.0.1:5000'] },
        },
      ),
      '--driver remote --driver-opt cacert=/ca tcp://h:1',
    ],
    [
      'kubernetes',
      order({ driver: 'kubernetes', driverOptions: opts('nodeselector=a=b,c=d') }),
      '--driver kubernetes --driver-opt "nodeselector=a=b,c=d"',
    ],
  ])('asks buildx for %s', async (_, asked, expected) => {
    const { world, asked: lines } = clientOf([[raw('b', 'x', ['linux/amd64'])]]);
    await createBuilder(asked, world, never);
    expect(lines).toEqual([`docker buildx create --name b ${expected}`, START]);
  });

  test('writes the configuration down that is a text, in place of its own', async () => {
    const { world, written } = clientOf([[raw('b', 'x', ['linux/amd64'])]]);
    const given = order(
      { buildkitdConfig: { text: 'debug = true' } },
      { engine: { ...NOTHING_SAID, mirrors: ['http://127.0.0.1:5000'] } },
    );
    await createBuilder(given, world, never);
    expect([...written]).toEqual([['/tmp/folder/buildkitd.toml', 'debug = true']]);
  });

  const FAR = {
    ...NOTHING_SAID,
    mirrors: ['http://127.0.0.1:5000', 'https://mirror.example/hub/'],
  };
  const PROXIES = {
    HTTPS_PROXY: 'http://me:hunter2@proxy.example:3128',
    no_proxy: '.example,10.0.0.0/8',
  };
  const HOST = '--driver-opt network=host';
  const CONFIG = '--buildkitd-config /tmp/folder/buildkitd.toml';

  test.each<[string, NewBuilder, Readonly<Record<string, string>>, string]>([
    ['mirrors wherever they are', order({}, { engine: FAR }), {}, `${HOST} ${CONFIG}`],
    [
      "none on this engine's loopback for a builder elsewhere",
      order({ endpoint: 'far' }, { engine: FAR, registries: ['localhost:5000'] }),
      { HTTPS_PROXY: 'localhost:1' },
      CONFIG,
    ],
    ['a registry on the loopback', order({}, { registries: ['localhost:5000'] }), {}, HOST],
    [
      'the network of the user',
      order({ driverOptions: opts('network=mine') }, { engine: FAR }),
      {},
      `--driver-opt network=mine ${CONFIG}`,
    ],
  ])('a builder in a container gets %s', async (_, asked, env, expected) => {
    const { world, asked: lines } = clientOf([[raw('b', 'x', ['linux/amd64'])]], undefined, env);
    await createBuilder(asked, world, never);
    const end = [expected, ...(asked.options.endpoint === undefined ? [] : ['far'])];
    expect(lines).toEqual([
      `docker buildx create --name b --driver docker-container ${[IMAGE, ...end].join(' ')}`,
      START,
    ]);
  });

  test.each<[string, NewBuilder, Readonly<Record<string, string>>, object, string]>([
    [
      'proxies of the environment',
      order({}),
      PROXIES,
      { HTTPS_PROXY: PROXIES.HTTPS_PROXY, NO_PROXY: PROXIES.no_proxy },
      '',
    ],
    [
      'a proxy on the loopback',
      order({}),
      { HTTP_PROXY: '127.0.0.1:3128' },
      { HTTP_PROXY: '127.0.0.1:3128' },
      HOST,
    ],
    [
      "no proxy on a loopback that is not the engine's",
      order({}, { sharesLoopback: async () => 'no' as const }),
      { HTTP_PROXY: '127.0.0.1:3128' },
      {},
      '',
    ],
    [
      "the engine's own proxy",
      order({}, { engine: { ...NOTHING_SAID, proxies: { HTTP_PROXY: 'http://p:1' } } }),
      {},
      { HTTP_PROXY: 'http://p:1' },
      '',
    ],
    [
      'no proxy whose login the engine hides',
      order({}, { engine: { ...NOTHING_SAID, proxies: { HTTP_PROXY: 'http://xxxxx:xxxxx@p:1' } } }),
      {},
      {},
      '',
    ],
    [
      "the user's own before the environment's",
      order({ driverOptions: opts('env.https_proxy=http://mine:1', 'env.TOKEN=a=b') }),
      { HTTPS_PROXY: 'http://p:1' },
      { https_proxy: 'http://mine:1', TOKEN: 'a=b' },
      '',
    ],
  ])('BuildKit gets %s, and no argument shows it', async (_, asked, env, expected, args) => {
    const { world, asked: lines, written } = clientOf([[raw('b', 'x')]], undefined, env);
    await createBuilder(asked, world, never);
    const made = `docker buildx create --name b --driver docker-container ${IMAGE} ${args}`;
    expect(lines).toEqual([made.trim(), START]);
    const set = Object.entries(expected).map(([name, value]) => [`env.${name}`, value]);
    const [first, last] = kept.Nodes;
    const Nodes = [first, { ...last, DriverOpts: Object.fromEntries(set) }];
    expect([...written].map(([path, text]) => [path, JSON.parse(text)])).toEqual(
      set.length === 0 ? [] : [[KEPT, { ...kept, Nodes }]],
    );
  });

  test('each node gets its own variables, beside what buildx keeps of it', async () => {
    const { world, written } = clientOf([[raw('b', 'x')]]);
    const nodes = [{ name: 'B0', driverOptions: opts('env.A=1'), platforms: ['linux/arm64'] }];
    await createBuilder(order({ nodes }), world, never);
    const [first, last] = kept.Nodes;
    const Nodes = [{ ...first, DriverOpts: { image: 'x', 'env.A': '1' } }, last];
    expect(JSON.parse(written.get(KEPT) ?? '')).toEqual({ ...kept, Nodes });
  });

  test('is an error where buildx keeps its builders in another way', async () => {
    const { world, asked } = clientOf([[raw('b', 'x')]], undefined, PROXIES);
    const files = { ...world.files, read: async () => Buffer.from('{"Nodes":{}}') };
    const work = createBuilder(order({}), { ...world, files }, never);
    await expect(work).rejects.toThrow('The builder "b" is not stored under');
    await expect(work).rejects.not.toThrow('hunter2');
    expect(asked).toHaveLength(1);
  });

  test("the user's usual configuration of BuildKit is left to buildx", async () => {
    const usual = ['/home/me/.docker/buildx/buildkitd.default.toml'];
    const env = { HOME: '/home/me' };
    const { world, asked: lines } = clientOf(
      [[raw('b', 'x', ['linux/amd64'])]],
      undefined,
      env,
      usual,
    );
    await createBuilder(order({}, { engine: FAR }), world, never);
    expect(lines).toEqual([
      `docker buildx create --name b --driver docker-container ${IMAGE}`,
      START,
    ]);
  });

  test("what fails is told without a proxy's login", async () => {
    const said = 'ERROR: invalid option env.HTTPS_PROXY=http://me:hunter2@proxy.example:3128';
    const { world } = clientOf([[]]);
    const exec = {
      ...world.exec,
      run: async () => ({ code: 1, signal: null, stdout: '', stderr: said }),
    };
    const work = createBuilder(order({}), { ...world, exec, env: PROXIES }, never);
    await expect(work).rejects.toMatchObject({
      message: expect.stringContaining('env.HTTPS_PROXY=http://proxy.example:3128'),
      said: expect.not.stringContaining('hunter2'),
    });
  });

  test('appends nodes, and says of each what it runs natively', async () => {
    const emulating = ['linux/amd64', 'linux/386', 'linux/arm64', 'linux/s390x'];
    const native = ['linux/arm64', 'linux/arm/v7', 'linux/amd64'];
    const made = raw('b', 'remote', emulating, native, ['linux/s390x']);
    const { world, asked } = clientOf([[made]]);
    const nodes = [
      { endpoint: 'tcp://arm:1', driverOptions: [], platforms: [] },
      {
        name: 'z',
        endpoint: 'tcp://z:1',
        driverOptions: opts('key=/k'),
        platforms: ['linux/s390x'],
      },
    ];
    await createBuilder(
      order({ driver: 'remote', endpoint: 'tcp://amd:1', nodes }),
      { ...world, buildx: { file: '/tools/buildx', prefix: [] } },
      never,
    );
    expect(asked).toEqual([
      '/tools/buildx create --name b --driver remote tcp://amd:1',
      '/tools/buildx create --name b --append tcp://arm:1',
      '/tools/buildx create --name b --append --node z --driver-opt key=/k --platform linux/s390x tcp://z:1',
      '/tools/buildx inspect --bootstrap b',
      '/tools/buildx create --name b --append --node b1 --platform linux/arm64,linux/arm/v7 tcp://arm:1',
      '/tools/buildx create --name b --append --node b0 --platform linux/amd64,linux/386 tcp://amd:1',
    ]);
  });

  test('leaves the platforms of pods alone, which come and go', async () => {
    const { world, asked } = clientOf([[raw('b', 'kubernetes', ['linux/amd64'], ['linux/arm64'])]]);
    const nodes = [{ driverOptions: opts('nodeselector=a=b'), platforms: [] }];
    await createBuilder(order({ driver: 'kubernetes', nodes }), world, never);
    expect(asked).toEqual([
      'docker buildx create --name b --driver kubernetes',
      'docker buildx create --name b --append --driver-opt nodeselector=a=b',
      START,
    ]);
  });

  test('tells all nodes of a cluster how BuildKit is configured', async () => {
    const { world, asked } = clientOf([[raw('b', 'kubernetes', ['linux/amd64'])]]);
    const nodes = [{ name: 'far', driverOptions: [], platforms: [] }];
    const buildkitdConfig = { file: '/b.toml' };
    await createBuilder(order({ driver: 'kubernetes', nodes, buildkitdConfig }), world, never);
    expect(asked).toEqual([
      'docker buildx create --name b --driver kubernetes --buildkitd-config /b.toml',
      'docker buildx create --name b --append --node far --buildkitd-config /b.toml',
      START,
    ]);
  });

  test('says where the cluster tells why its pods are not there', async () => {
    const { world } = clientOf([[]]);
    const stderr = '#1 ERROR: x\nERROR: expected 2 replicas to be ready, got 0\n';
    const run = async () => ({ code: 1, signal: null, stdout: '', stderr });
    const making = createBuilder(
      order({ driver: 'kubernetes' }),
      { ...world, exec: { ...world.exec, run } },
      never,
    );
    await expect(making).rejects.toThrow(
      /could not be started: expected 2 replicas to be ready, got 0; "kubectl get events" in the builder's namespace shows why/,
    );
  });

  test('is an error where a node does not answer', async () => {
    const broken = { ...raw('b', 'remote', ['linux/amd64']), Nodes: [{ Name: 'b0', Err: 'x' }] };
    const { world } = clientOf([[broken]]);
    await expect(createBuilder(order({}), world, never)).rejects.toThrow(
      'The node "b0" of the builder does not answer: x',
    );
  });

  test('is an error that names each place of its nodes where it does not start', async () => {
    const { world } = clientOf([[]], / inspect --bootstrap /);
    const nodes = ['tcp://me:hunter2@b:1', undefined, 'tcp://b:1', 'a'].map((endpoint) => ({
      ...node,
      ...(endpoint === undefined ? {} : { endpoint }),
    }));
    const there = order({ driver: 'remote', endpoint: 'a', nodes });
    await expect(createBuilder(there, world, never)).rejects.toThrow(
      'A remote builder at a or tcp://b:1 or tcp://b:1 could not be started: no such thing',
    );
    await expect(
      createBuilder(order({ driverOptions: opts('image=own:1') }), world, never),
    ).rejects.toThrow('A docker-container builder from own:1 could not be started: no such thing');
  });

  test('is an error where buildx does not list it', async () => {
    const { world } = clientOf([[raw('other', 'docker')]]);
    await expect(createBuilder(order({}), world, never)).rejects.toThrow(
      'The builder "b" was created, but buildx does not list it.',
    );
  });

  test('is an error with what buildx said where it cannot be made', async () => {
    const { world } = clientOf([[]], / create /);
    await expect(createBuilder(order({}), world, never)).rejects.toThrow(
      'A docker-container builder from moby/buildkit:buildx-stable-1 could not be started: no such thing',
    );
    await expect(
      createBuilder(order({ driver: 'remote', endpoint: 'x' }), world, never),
    ).rejects.toThrow('A remote builder at x could not be started: no such thing');
  });
});

const BUILDKIT = 'moby/buildkit:buildx-stable-1';

test.each<[Partial<BuilderOptions>, readonly NodeImage[]]>([
  [{}, [{ image: BUILDKIT }]],
  [{ driverOptions: opts('image=b') }, [{ image: 'b' }]],
  [{ endpoint: 'far' }, [{ image: BUILDKIT, endpoint: 'far' }]],
  [
    {
      nodes: [
        { ...node, endpoint: 'far', driverOptions: opts('image=c') },
        { ...node, endpoint: 'far', driverOptions: opts('image=c') },
        node,
      ],
    },
    [{ image: BUILDKIT }, { image: 'c', endpoint: 'far' }],
  ],
  [{ driver: 'remote', endpoint: 'tcp://h:1' }, []],
  [{ driver: 'kubernetes', driverOptions: opts('image=a') }, []],
])('a builder by %j leaves the images %j', (more, expected) => {
  expect(builderImages(options(more))).toEqual(expected);
});

test.each([
  [undefined, { DOCKER_HOST: 'unix:///e', DOCKER_CONTEXT: 'c', HOME: '/h' }],
  ['default', { DOCKER_HOST: 'unix:///e', HOME: '/h' }],
  ['far', { DOCKER_CONTEXT: 'far', HOME: '/h' }],
  ['tcp://h:1', { DOCKER_HOST: 'tcp://h:1', HOME: '/h' }],
])('the client of a node at %s is told so', (endpoint, env) => {
  const world = { env: { DOCKER_HOST: 'unix:///e', DOCKER_CONTEXT: 'c', HOME: '/h' } };
  expect(atEndpoint(world, endpoint).env).toEqual(env);
});

test.each([
  [[], []],
  [
    ['linux/amd64', 'linux/amd64/v2', 'linux/386', 'linux/arm64'],
    ['linux/amd64', 'linux/amd64/v2', 'linux/386'],
  ],
  [
    ['linux/arm64', 'linux/amd64', 'linux/arm/v7'],
    ['linux/arm64', 'linux/arm/v7'],
  ],
  [['linux/s390x'], ['linux/s390x']],
])('a node with %j runs %j natively', (platforms, expected) => {
  expect(nativePlatforms({ name: 'n', status: 'running', platforms })).toEqual(expected);
});
