import { describe, expect, test } from '@jest/globals';
import type { BuildxClient } from '../../src/builder/buildx.js';
import { readBuilders } from '../../src/builder/list.js';
import { useNativeNodes } from '../../src/builder/nodes.js';
import type { Command, Files } from '../../src/ports/index.js';

const EMULATING = ['linux/amd64', 'linux/amd64/v2', 'linux/arm64', 'linux/s390x'];
const ARM = ['linux/arm64', 'linux/arm/v7', 'linux/amd64'];
const never = new AbortController().signal;

type Nodes = readonly (readonly string[])[];

const raw = (driver: string, nodes: Nodes) => ({
  Name: 'mine',
  Driver: driver,
  Nodes: nodes.map((Platforms, i) => ({ Name: `n${i}`, Status: 'running', Platforms })),
});

/** As buildx keeps a builder: what its user gave the nodes, and what else there is. */
const kept = (...given: readonly (readonly object[])[]) =>
  JSON.stringify({
    Name: 'mine',
    Nodes: given.map((Platforms, i) => ({ Name: `n${i}`, Endpoint: `tcp://h:${i}`, Platforms })),
    Dynamic: false,
  });

function worldOf(driver: string, nodes: Nodes, definition: string | undefined, then = nodes) {
  const asked: string[] = [];
  const written = new Map<string, unknown>();
  const made: string[] = [];
  let shown = nodes;
  const run = async ({ args, env }: Command) => {
    const done = { code: 0, signal: null, stderr: '' };
    asked.push([...args, env?.BUILDX_CONFIG].join(' '));
    if (args[1] === 'inspect') shown = then;
    return { ...done, stdout: JSON.stringify([raw(driver, shown)]) };
  };
  const files = {
    async read(path: string) {
      if (path !== '/home/u/.docker/buildx/instances/mine' || definition === undefined) {
        throw new Error(`ENOENT ${path}`);
      }
      return Buffer.from(definition);
    },
    makeDirectory: async (path: string) => void made.push(path),
    write: async (path: string, text: string) => {
      written.set(path, JSON.parse(text));
    },
    rename: async (from: string, to: string) => {
      written.set(to, written.get(from));
      written.delete(from);
    },
  } as unknown as Files;
  const start = () => {
    throw new Error('nothing is started here');
  };
  const world: BuildxClient = { exec: { run, start }, env: { HOME: '/home/u' }, files };
  const place = async (...platforms: readonly string[]) => {
    const [found] = readBuilders(JSON.stringify([raw(driver, nodes)]));
    if (found === undefined) throw new Error('no builder');
    return useNativeNodes(found, { platforms, makeFolder: async () => '/tmp/own' }, world, never);
  };
  return { place, asked, written, made };
}

describe("the platforms of a user's builder", () => {
  test.each(['remote', 'docker-container'])(
    'go to their native nodes through a definition of the run: %s',
    async (driver) => {
      const { place, written, asked, made } = worldOf(driver, [EMULATING, ARM], kept([], []));
      const { env, findings } = await place('linux/amd64', 'linux/arm64');
      expect([env, findings]).toEqual([{ BUILDX_CONFIG: '/tmp/own' }, []]);
      const amd64 = { os: 'linux', architecture: 'amd64' };
      const nodes = [
        {
          Name: 'n0',
          Endpoint: 'tcp://h:0',
          Platforms: [amd64, { ...amd64, variant: 'v2' }],
        },
        {
          Name: 'n1',
          Endpoint: 'tcp://h:1',
          Platforms: [
            { os: 'linux', architecture: 'arm64' },
            { os: 'linux', architecture: 'arm', variant: 'v7' },
          ],
        },
      ];
      expect([...written]).toEqual([
        ['/tmp/own/instances/mine', { Name: 'mine', Nodes: nodes, Dynamic: false }],
      ]);
      expect(asked).toEqual(['buildx ls --format json /tmp/own']);
      expect(made).toEqual(['/tmp/own/instances']);
    },
  );

  test('do not hold those of a node that are not known', async () => {
    const nodes = [EMULATING, ARM, ['linux/sparc64', 'linux/sparc64/v9']];
    const { place, written } = worldOf('remote', nodes, kept([], [], []));
    await place('linux/arm64');
    const [definition] = written.values();
    const { Nodes } = definition as { readonly Nodes: readonly { readonly Platforms: unknown }[] };
    expect(Nodes[2]?.Platforms).toStrictEqual([]);
  });

  const given = { os: 'linux', architecture: 'arm64' };

  test.each<[string, Nodes, string | undefined, readonly string[]]>([
    ['one node', [EMULATING], kept([]), ['linux/arm64']],
    ['one node that is not started', [[]], kept([]), ['linux/arm64']],
    ['the native node is the first', [ARM, EMULATING], kept([], []), ['linux/arm64']],
    ['nobody is native', [EMULATING, ARM], kept([], []), ['linux/s390x']],
    ['nobody knows it', [EMULATING, ARM], kept([], []), ['linux/ppc64le']],
    ['its user gave it to a node', [EMULATING, ARM], kept([], [given]), ['linux/arm64']],
    ['its user wants the emulation', [EMULATING, ARM], kept([given], []), ['linux/arm64']],
    ['nothing is wrong in what is not known', [ARM, EMULATING], undefined, ['linux/arm64']],
  ])('stay where they are: %s', async (_, nodes, definition, platforms) => {
    const { place, written, asked } = worldOf('remote', nodes, definition);
    const { env, findings, builder } = await place(...platforms);
    expect([env, findings, builder.nodes.length]).toEqual([{}, [], nodes.length]);
    expect([written.size, asked]).toEqual([0, []]);
  });

  test.each([
    ['kubernetes', kept([], [])],
    ['remote', undefined],
    ['remote', '{"Nodes":"in a new way"}'],
  ])('are a warning that names the node where that cannot be: %s, %s', async (driver, text) => {
    const { place, written } = worldOf(driver, [EMULATING, ARM], text);
    const { env, findings } = await place('linux/amd64', 'linux/arm64');
    expect([env, written.size]).toEqual([{}, 0]);
    expect(findings).toMatchObject([
      {
        code: 'native-node-unused',
        severity: 'warning',
        subject: { platform: 'linux/arm64' },
        message:
          'linux/arm64 is built on the node "n0" of the builder "mine", which emulates it; the node "n1" runs it natively.',
      },
    ]);
    expect(findings[0]?.remedy).toContain('--name mine --append --node n1 --platform linux/arm64');
  });

  test('are known when its nodes were started', async () => {
    const { place, asked } = worldOf('docker-container', [[], []], kept([], []), [EMULATING, ARM]);
    const { env } = await place('linux/arm64');
    expect(env).toEqual({ BUILDX_CONFIG: '/tmp/own' });
    expect(asked).toEqual([
      'buildx inspect --bootstrap mine ',
      'buildx ls --format json ',
      'buildx ls --format json /tmp/own',
    ]);
  });
});
