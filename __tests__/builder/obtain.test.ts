import { describe, expect, test } from '@jest/globals';
import { type BuilderNeeds, obtainBuilder } from '../../src/builder/obtain.js';
import { type BuilderOptions, DEFAULT_BUILDER } from '../../src/builder/options.js';
import { createUndo, type RunTools } from '../../src/cleanup/index.js';
import type { Made } from '../../src/cleanup/run-record.js';
import type { EngineFacts } from '../../src/engine/index.js';
import { type Command, type CommandOutput, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { opts } from '../driver-options.js';
import { createWorld, engineOf } from '../environment/world.js';

const IMAGE = 'moby/buildkit:buildx-stable-1';
const EMULATING = ['linux/amd64', 'linux/arm64'];
const ARM = ['linux/arm64', 'linux/amd64'];

const far = (...nodes: readonly (readonly string[])[]) => ({
  Name: 'far',
  Driver: 'remote',
  Nodes: nodes.map((Platforms, at) => ({
    Name: `far${at}`,
    Status: 'running',
    Version: 'v0.25.2',
    Endpoint: `tcp://me:hunter2@h:${at}`,
    Platforms,
  })),
});

/** A machine whose buildx knows some builders, and makes others; what was asked of it and noted. */
function machine(...known: readonly object[]) {
  const builders = [...known];
  const asked: string[] = [];
  const noted: Made[] = [];
  const run = async ({ args, env }: Command): Promise<CommandOutput> => {
    const [command = '', verb = ''] = args;
    const done = { code: 0, signal: null, stdout: '', stderr: '' };
    if (verb === 'ls') return { ...done, stdout: JSON.stringify(builders) };
    if (command === 'image') return { ...done, code: 1, stderr: 'No such image' };
    asked.push([...args, ...(env?.DOCKER_CONTEXT ? [`at ${env.DOCKER_CONTEXT}`] : [])].join(' '));
    if (verb === 'create') {
      const name = args[args.indexOf('--name') + 1];
      builders.push({ Name: name, Driver: 'docker-container', Nodes: [] });
    }
    return done;
  };
  const real = realPorts();
  const written = new Map([
    ['/b/instances/far', JSON.stringify({ Nodes: [{ Name: 'far0' }, { Name: 'far1' }] })],
  ]);
  const files = {
    ...real.files,
    makeDirectory: async () => {},
    async read(path: string) {
      const text = written.get(path);
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
    look: async () => undefined,
    async write(path: string, text: string | Buffer) {
      written.set(path, `${text}`);
    },
    async rename(from: string, to: string) {
      written.set(to, written.get(from) ?? '');
      written.delete(from);
    },
    async remove(path: string) {
      asked.push(`remove ${path}`);
      for (const one of written.keys()) if (one.startsWith(path)) written.delete(one);
    },
  };
  const ports = { ...real, env: { BUILDX_CONFIG: '/b' }, exec: { ...real.exec, run }, files };
  const undo = createUndo();
  const tools: RunTools = {
    engine: engineOf(createWorld()),
    ports: ports as RunTools['ports'],
    record: recordInMemory('run-1', noted),
    undo,
    signal: new AbortController().signal,
  };
  return { tools, asked, noted, undo, written };
}

const FACTS: EngineFacts = { ...createWorld().facts, store: 'classic' };

const setting = (more: Partial<Parameters<typeof obtainBuilder>[1]> = {}) => ({
  facts: FACTS,
  buildx: { version: '0.29.1', file: 'docker', prefix: ['buildx'] },
  sharesLoopback: async () => 'yes' as const,
  ...more,
});

const described = (options: Partial<BuilderOptions>): BuilderNeeds => ({
  options: { ...DEFAULT_BUILDER, ...options },
});

describe('a builder that is there', () => {
  test('is used through a definition of the run, which is removed at its end', async () => {
    const { tools, asked, undo, written } = machine(far(EMULATING, ARM));
    const needs = { name: 'far', platforms: ['linux/amd64', 'linux/arm64'] };
    const obtained = await obtainBuilder(needs, setting(), tools);
    expect(obtained.builder).toStrictEqual({
      name: 'far',
      driver: 'remote',
      nodes: [
        { name: 'far0', buildkit: 'v0.25.2', platforms: EMULATING },
        { name: 'far1', buildkit: 'v0.25.2', platforms: ARM },
      ],
    });
    expect(obtained.used).toMatchObject({ name: 'far', env: { BUILDX_CONFIG: '/tmp/folder' } });
    expect(obtained.findings).toStrictEqual([]);
    expect([...written.keys()]).toContain('/tmp/folder/instances/far');
    expect(asked).toEqual([]);
    await undo.run();
    expect(asked).toEqual(['remove /tmp/folder']);
    expect([...written.keys()]).toEqual(['/b/instances/far']);
  });

  test('does not wait for emulators, and is neither noted nor removed', async () => {
    const { tools, asked, noted, undo } = machine(far(ARM));
    const emulators = new Promise<never>(() => {});
    await obtainBuilder({ name: 'far' }, setting({ emulators }), tools);
    await undo.run();
    expect([asked, noted]).toEqual([[], []]);
  });

  test('stays where its platforms are, with a word about it, where that cannot be changed', async () => {
    const { tools, written } = machine(far(EMULATING, ARM));
    written.clear();
    const needs = { name: 'far', platforms: ['linux/arm64'] };
    const { findings, used } = await obtainBuilder(needs, setting(), tools);
    expect(findings.map(({ code }) => code)).toEqual(['native-node-unused']);
    expect(used.env).toStrictEqual({});
  });
});

describe('a builder that a run makes', () => {
  test('waits for the emulators, which BuildKit looks for when it starts', async () => {
    const { tools, asked } = machine();
    let isReady = false;
    const emulators = new Promise<void>((resolve) => {
      setImmediate(() => {
        isReady = true;
        expect(asked).toEqual([]);
        resolve();
      });
    });
    const { findings, used } = await obtainBuilder({}, setting({ emulators }), tools);
    expect([findings, used.env]).toStrictEqual([[], {}]);
    expect(isReady).toBe(true);
    expect(asked[0]).toMatch(/^buildx create --name sea-trial-run-1 /);
  });

  test('is noted with the images of its nodes before it is made', async () => {
    const { tools, noted } = machine();
    const node = {
      name: 'n',
      endpoint: 'there',
      driverOptions: opts('image=own:1'),
      platforms: [],
    };
    const nodes = [node, { driverOptions: [], platforms: [] }];
    await obtainBuilder(described({ nodes, keepState: true }), setting(), tools);
    expect(noted).toStrictEqual([
      { image: IMAGE },
      { image: 'own:1', endpoint: 'there' },
      {
        builder: 'sea-trial-run-1',
        keepState: true,
        nodes: ['n'],
        endpoints: ['there'],
        images: [IMAGE, 'own:1'],
      },
    ]);
  });

  test('has no images that could be removed where it is in no container of an engine', async () => {
    const { tools, noted } = machine();
    await obtainBuilder(described({ driver: 'remote', endpoint: 'tcp://h:1' }), setting(), tools);
    expect(noted).toStrictEqual([
      { builder: 'sea-trial-run-1', keepState: false, driver: 'remote' },
    ]);
  });

  test.each([true, false])(
    'is marked as the run’s own where it is to be removed: %s',
    async (cleanup) => {
      const { tools, asked, noted } = machine();
      await obtainBuilder(
        { name: 'mine', ...described({ driver: 'docker-container', cleanup }) },
        setting(),
        tools,
      );
      const [created = ''] = asked;
      expect(created).toMatch(/^buildx create --name mine /);
      expect(created.includes('SEA_TRIAL_OWNER')).toBe(cleanup);
      expect(noted.length > 0).toBe(cleanup);
    },
  );

  test('may do what the run allows, and no more', async () => {
    const allowed = async (needs: BuilderNeeds) => {
      const { tools, asked } = machine();
      await obtainBuilder(needs, setting(), tools);
      return /--buildkitd-flags (\S+)/.exec(asked[0] ?? '')?.[1];
    };
    expect(await allowed({ entitlements: ['network.host'] })).toBe(
      '--allow-insecure-entitlement=network.host',
    );
    expect(await allowed({})).toBeUndefined();
  });

  test('reaches registries of the plan that are on the loopback', async () => {
    const network = async (needs: BuilderNeeds) => {
      const { tools, asked } = machine();
      await obtainBuilder(needs, setting(), tools);
      return (asked[0] ?? '').includes('network=host');
    };
    expect(await network({ registries: ['localhost:5000'] })).toBe(true);
    expect(await network({})).toBe(false);
  });
});
