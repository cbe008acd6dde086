import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Made } from '../../src/cleanup/run-record.js';
import { BINFMT_IMAGE } from '../../src/emulation/handlers.js';
import { type ContainerSpec, type Engine, EngineError } from '../../src/engine/index.js';
import { prepare } from '../../src/environment/index.js';
import type { EnvironmentNeeds } from '../../src/environment/needs.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { quickClock } from '../test/engine.js';
import { createWorld, engineOf, portsOf, type World } from './world.js';

const real = realPorts();

const never = new AbortController().signal;

async function prepareIn(world: World, platforms: readonly string[], ports = portsOf(world, real)) {
  const needs = { platforms, builder: { platforms } };
  const record = recordInMemory('run-1');
  const environment = await prepare(needs, {
    engine: engineOf(world),
    ports,
    record,
    signal: never,
  });
  return { ...environment, ...(await environment.known) };
}

const CLASSIC = { ...createWorld().facts, store: 'classic' } as const;

describe('emulators', () => {
  test('are left alone where every platform runs', async () => {
    const world = createWorld({ handlers: new Map([['arm64', 'sea-trial-again']]) });
    const environment = await prepareIn(world, ['linux/arm64', 'linux/arm64']);
    await environment.undo();
    expect(environment).toMatchObject({
      builder: { name: 'default', driver: 'docker' },
      findings: [],
      runnable: new Set(['linux/arm64']),
      surroundings: {
        engine: { name: 'docker', version: '28.5.2', store: 'containerd', rootless: false },
        builder: { name: 'default', driver: 'docker', buildx: '0.29.1', nodes: [] },
        platforms: [
          {
            platform: 'linux/arm64',
            emulated: true,
            handler: '/usr/bin/qemu-aarch64',
            proof: 'a program ran as aarch64, and its name and its exit status arrived',
          },
        ],
      },
    });
    expect(world.commands).toEqual([]);
  });

  test('are installed for what nobody runs, and exactly those are removed again', async () => {
    const world = createWorld({ installable: ['arm64', 's390x'] });
    const ports = portsOf(world, real);
    const there: boolean[] = [];
    const run: Ports['exec']['run'] = (command, ...more) => {
      if (command.args.includes('--uninstall')) there.push(world.images.has(BINFMT_IMAGE));
      return ports.exec.run(command, ...more);
    };
    const watched = { ...ports, exec: { ...ports.exec, run } };
    const environment = await prepareIn(world, ['linux/amd64', 'linux/arm64'], watched);
    expect(environment.findings).toEqual([]);
    expect([...environment.runnable]).toEqual(['linux/amd64', 'linux/arm64']);
    expect([...world.handlers.keys()]).toEqual(['amd64', 'arm64']);

    await environment.undo();
    // The image that takes them away is not fetched once more for that.
    expect(there).toEqual([true]);
    expect(world.commands).toEqual([
      'binfmt',
      'binfmt --install arm64',
      'binfmt --uninstall qemu-aarch64',
    ]);
    expect([...world.handlers.keys()]).toEqual(['amd64']);
    expect([...world.images]).toEqual([]);
  });

  test('are waited for before a platform is called one that does not run', async () => {
    const world = createWorld({ installable: ['arm64'] });
    const { status, undo } = await prepareIn(world, ['linux/amd64', 'linux/arm64']);
    expect(await status('linux/arm64')).toEqual({ runs: true, emulated: true });
    await undo();
  });

  test('are relied on, until the run ends, where a platform is emulated, and only there', async () => {
    const notedFor = async (platform: string) => {
      const world = createWorld();
      world.handlers.set('arm64', 'sea-trial-again');
      const noted: Made[] = [];
      const needs = { platforms: [platform], builder: { platforms: [platform] } };
      const tools = { engine: engineOf(world), ports: portsOf(world, real), signal: never };
      const record = recordInMemory('run-1', noted);
      const { known, undo } = await prepare(needs, { ...tools, record });
      await known;
      await undo();
      return noted.filter((one) => 'relies' in one);
    };
    expect(await notedFor('linux/arm64')).toEqual([{ relies: ['qemu-aarch64'] }, { relies: [] }]);
    expect(await notedFor('linux/amd64')).toEqual([]);
  });

  test('that the engine does not allow to be registered are told as that', async () => {
    const world = createWorld();
    const ports = portsOf(world, real);
    const stderr = 'docker: Error response from daemon: authorization denied by plugin.';
    const run: Ports['exec']['run'] = (command, ...more) =>
      command.args.includes('--privileged')
        ? Promise.resolve({ code: 125, signal: null, stdout: '', stderr })
        : ports.exec.run(command, ...more);
    const denied = { ...ports, exec: { ...ports.exec, run } };
    const { findings } = await prepareIn(world, ['linux/amd64', 'linux/arm64'], denied);
    expect(findings.map(({ subject, remedy }) => [subject.platform, remedy])).toContainEqual([
      'linux/arm64',
      expect.stringMatching(/^This engine does not allow emulators to be registered\./),
    ]);
  });

  test('keep the image that installs them where it was there before', async () => {
    const world = createWorld({ installable: ['arm64'], images: new Set([BINFMT_IMAGE]) });
    const environment = await prepareIn(world, ['linux/arm64']);
    await environment.undo();
    expect([...world.images]).toEqual([BINFMT_IMAGE]);
  });

  test('are not trusted because their installation exits with 0', async () => {
    const world = createWorld({ installable: ['arm64'] });
    const environment = await prepareIn(world, ['linux/arm64', 'linux/s390x']);
    expect([...environment.runnable]).toEqual(['linux/arm64']);
    expect(environment.findings.map(({ subject, message }) => [subject, message])).toEqual([
      [
        { platform: 'linux/s390x' },
        'linux/s390x cannot be run here: no emulator is registered for its programs (exec format error), and docker.io/tonistiigi/binfmt could not register one: error: cannot register all of arm64,s390x.',
      ],
    ]);
    expect(environment.surroundings.platforms[1]).toEqual({
      platform: 'linux/s390x',
      emulated: true,
    });
  });

  test('that cannot be had are a finding with the reason', async () => {
    const world = createWorld();
    const environment = await prepareIn(world, ['linux/arm64']);
    expect(environment.findings.map(({ code, message }) => [code, message])).toEqual([
      [
        'platform-not-runnable',
        'linux/arm64 cannot be run here: no emulator is registered for its programs (exec format error), and docker.io/tonistiigi/binfmt could not register one: docker.io/tonistiigi/binfmt: not found.',
      ],
    ]);
  });

  test('that lose the name are a finding, and nothing is put over them', async () => {
    const world = createWorld({ handlers: new Map([['arm64', '/proof']]), installable: ['arm64'] });
    const environment = await prepareIn(world, ['linux/arm64']);
    expect(environment.findings).toHaveLength(1);
    expect(environment.findings[0]?.message).toContain('argv[0] arrived as /proof');
    expect(world.commands).toEqual([]);
  });

  test('that stay in spite of their removal are an error', async () => {
    const world = createWorld({ installable: ['arm64'], uninstalls: false });
    const environment = await prepareIn(world, ['linux/arm64']);
    await expect(environment.undo()).rejects.toThrow(
      'Emulators could not be removed: qemu-aarch64.',
    );
  });
});

describe('the status of a platform', () => {
  test('says what does not run, and what was not asked for', async () => {
    const { status, undo } = await prepareIn(createWorld(), [
      'linux/amd64',
      'linux/arm64',
      'linux/ppc64',
    ]);
    const statuses = ['linux/amd64', 'linux/arm64', 'linux/ppc64', 'linux/s390x'].map(status);
    expect(await Promise.all(statuses)).toEqual([
      { runs: true, emulated: false },
      { runs: false, emulated: true },
      { runs: false, emulated: true },
      { runs: false, emulated: false },
    ]);
    await undo();
  });

  test('names no emulator where what executes its programs is not seen', async () => {
    const world = createWorld({ openat2: new Map([['arm64', 38]]) });
    world.handlers.set('arm64', 'sea-trial-again');
    const engine = engineOf(world);
    const start: Engine['start'] = (container) => {
      const attached = engine.start(container);
      const stdout = Readable.from(
        attached.stdout.map((piece: Buffer) =>
          Buffer.from(piece.toString().replace(/^exe .*\n/m, '')),
        ),
      );
      return { ...attached, stdout };
    };
    const { known, reprobe, undo } = await prepare(
      { platforms: ['linux/arm64'] },
      {
        engine: { ...engine, start },
        ports: portsOf(world, real),
        record: recordInMemory('run-1'),
        signal: never,
      },
    );
    const { findings } = await known;
    expect(findings[0]?.message).toContain('linux/arm64 is emulated by an emulator, under which');
    expect(await reprobe('linux/arm64')).toEqual({});
    await undo();
  });
});

describe('the programs that prove platforms', () => {
  test('are run by the engine itself, without a network and with the labels of the run', async () => {
    const world = createWorld({ handlers: new Map([['arm64', 'sea-trial-again']]) });
    const engine = engineOf(world);
    const specs: ContainerSpec[] = [];
    const environment = await prepare(
      { platforms: ['linux/arm64'] },
      {
        engine: {
          ...engine,
          create(spec) {
            specs.push(spec);
            return engine.create(spec);
          },
        },
        ports: portsOf(world, real),
        record: recordInMemory('run-1'),
        signal: never,
      },
    );
    await environment.known;
    await environment.undo();
    expect(specs).toStrictEqual([
      {
        image: expect.any(String),
        platform: 'linux/amd64',
        entrypoint: '/proof-linux-arm64',
        arguments: [],
        env: {},
        network: 'none',
        labels: { 'sea-trial.run': 'run-1' },
      },
    ]);
  });

  test('that cannot be loaded leave no status waiting', async () => {
    const full = new EngineError('failed', 'No.', 'no space left on device');
    const world = createWorld();
    const environment = await prepare(
      { platforms: ['linux/amd64', 'linux/arm64'] },
      {
        engine: { ...engineOf(world), load: () => Promise.reject(full) },
        ports: portsOf(world, real),
        record: recordInMemory('run-1'),
        signal: never,
      },
    );
    await expect(environment.status('linux/arm64')).rejects.toBe(full);
    await expect(environment.status('linux/amd64')).rejects.toBe(full);
    await expect(environment.known).rejects.toBe(full);
    await environment.undo();
  });

  test('are run once more only when what the first ones left is gone', async () => {
    const world = createWorld({ handlers: new Map([['arm64', 'sea-trial-again']]) });
    const engine = engineOf(world);
    const [gone, removed] = [Promise.withResolvers<void>(), [] as string[]];
    let loads = 0;
    const { reprobe, undo } = await prepare(
      { platforms: ['linux/arm64'] },
      {
        engine: {
          ...engine,
          load: (archive) => {
            loads += 1;
            return engine.load(archive);
          },
          async remove(container) {
            await gone.promise;
            removed.push(container);
            return engine.remove(container);
          },
        },
        ports: portsOf(world, real),
        record: recordInMemory('run-1'),
        signal: never,
      },
    ).then(async (environment) => {
      await environment.known;
      return environment;
    });
    const again = reprobe('linux/arm64');
    for (let turns = 0; turns < 20; turns++) await new Promise((done) => setImmediate(done));
    expect([loads, removed]).toEqual([1, []]);
    gone.resolve();
    await again;
    expect(loads).toBeGreaterThan(1);
    await undo();
  });
});

describe('the files of a run', () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const refusal = 'invalid mount config: bind source path does not exist: /tmp/folder/marker';
  const REFUSED = { running: false, exitCode: 127, outOfMemory: false, error: refusal };

  /** A run on an engine that takes the mount of its marker, or refuses it at some time. */
  async function marked(refuses?: 'made' | 'started', said = refusal) {
    const world = createWorld();
    world.handlers.set('arm64', 'sea-trial-again');
    const engine = engineOf(world);
    const mounts: ContainerSpec['mounts'][] = [];
    const marked = new Set<string>();
    const environment = await prepare(
      { platforms, builder: { platforms } },
      {
        engine: {
          ...engine,
          async create(spec) {
            mounts.push(spec.mounts);
            if (spec.mounts && refuses === 'made') throw new EngineError('failed', 'No.', said);
            const container = await engine.create(spec);
            if (spec.mounts) marked.add(container);
            return container;
          },
          inspect: async (container) =>
            refuses === 'started' && marked.has(container) ? REFUSED : engine.inspect(container),
        },
        ports: portsOf(world, real),
        record: recordInMemory('run-1'),
        folder: '/tmp/folder',
        signal: never,
      },
    );
    const { runnable, surroundings } = await environment.known.finally(environment.undo);
    const shares = surroundings.engine.sharesFiles;
    return { runnable: [...runnable], shares, mounts: mounts.filter((one) => one !== undefined) };
  }

  test.each([
    ['yes', undefined],
    ['no', 'made'],
    ['no', 'started'],
  ] as const)(
    'are seen by the engine (%s), which refuses the mount when a container is %s',
    async (shares, refuses) => {
      expect(await marked(refuses)).toEqual({
        runnable: platforms,
        shares,
        mounts: [[{ source: '/tmp/folder/marker', target: '/marker' }]],
      });
    },
  );

  test('are no excuse for another failure of the engine', async () => {
    await expect(marked('made', 'no space left on device')).rejects.toThrow('No.');
  });
});

describe('a proof', () => {
  test('that does not end is killed and is a finding', async () => {
    const world = createWorld({ hangs: true });
    const ports = portsOf(world, real);
    const impatient = { ...ports, clock: { ...ports.clock, sleep: quickClock().sleep } };
    const environment = await prepareIn(world, ['linux/amd64'], impatient);
    expect(environment.findings[0]?.message).toBe(
      'linux/amd64 cannot be run here: a one-kilobyte program did not end there within 60 seconds.',
    );
    expect(world.commands).toEqual(['kill container-1']);
    expect(world.containers.size).toBe(0);
  });

  test('that there is no program for is a finding', async () => {
    const environment = await prepareIn(createWorld(), ['linux/ppc64']);
    expect(environment.findings[0]?.message).toBe(
      'linux/ppc64 cannot be tested here: there is no program to prove that it runs.',
    );
    expect(environment.runnable.size).toBe(0);
  });
});

describe('a builder', () => {
  test('is made where the image store is the classic one, and removed again', async () => {
    const world = createWorld({ facts: CLASSIC });
    const environment = await prepareIn(world, []);
    expect(environment.builder).toMatchObject({
      name: 'sea-trial-run-1',
      driver: 'docker-container',
    });
    expect([...world.builders]).toEqual(['sea-trial-run-1']);

    await environment.undo();
    const owner = /(env\.SEA_TRIAL_OWNER=)\S+/;
    expect(world.commands.map((line) => line.replace(owner, '$1…'))).toEqual([
      'buildx create --name sea-trial-run-1 --driver docker-container --driver-opt image=moby/buildkit:buildx-stable-1 --driver-opt env.SEA_TRIAL_OWNER=…',
      'buildx inspect --bootstrap sea-trial-run-1',
      'buildx rm --force sea-trial-run-1',
    ]);
    expect(world.builders.size).toBe(0);
    expect(world.images.size).toBe(0);
  });

  test("gets the engine's mirror where that is on the loopback", async () => {
    const world = createWorld({ facts: { ...CLASSIC, mirrors: ['http://127.0.0.1:5000/'] } });
    const ports = portsOf(world, real);
    await prepareIn(world, [], ports);
    expect(world.commands[0]).toContain(
      '--driver-opt network=host --buildkitd-config /tmp/folder/buildkitd.toml',
    );
    expect([...ports.written]).toEqual([]);
  });

  test('that cannot be made is an error, and then everything is undone', async () => {
    const world = createWorld({
      facts: CLASSIC,
      installable: ['arm64'],
      startFails: '------\n > [internal] booting buildkit:\n------\nERROR: no such host\n',
    });
    await expect(prepareIn(world, ['linux/arm64'])).rejects.toMatchObject({
      name: 'EngineError',
      message:
        'A docker-container builder from moby/buildkit:buildx-stable-1 could not be started: no such host',
    });
    expect(world.builders.size).toBe(0);
    expect(world.images.size).toBe(0);
    expect([...world.handlers.keys()]).toEqual(['amd64']);
  });

  test('is the one that BUILDX_BUILDER names', async () => {
    const world = createWorld({ facts: CLASSIC, builders: new Set(['mine']) });
    const ports = { ...portsOf(world, real), env: { BUILDX_BUILDER: 'mine' } };
    const environment = await prepareIn(world, [], ports);
    expect(environment.builder.name).toBe('mine');
    await environment.undo();
    expect([...world.builders]).toEqual(['mine']);
  });
});

describe('what is not needed', () => {
  /** What the clients of a run were started for, and which calls the engine got. */
  async function startedFor(needs: EnvironmentNeeds, world = createWorld({ facts: CLASSIC })) {
    const ports = portsOf(world, real);
    const started: string[] = [];
    const run: typeof ports.exec.run = (command) => {
      started.push(
        command.args
          .slice(0, 2)
          .join(' ')
          .replace(/^pull .*/, 'pull'),
      );
      return ports.exec.run(command);
    };
    const calls = new Set<string>();
    const engine = new Proxy(engineOf(world), {
      get(target, call: keyof Engine) {
        calls.add(call);
        return target[call];
      },
    });
    const environment = await prepare(needs, {
      engine,
      ports: { ...ports, exec: { ...ports.exec, run } },
      record: recordInMemory('run-1'),
      signal: never,
    });
    if ('known' in environment) await environment.known;
    await environment.undo();
    return { started: new Set(started), calls: [...calls], keys: Object.keys(environment) };
  }

  test('is not looked for: of an engine alone only its facts are read', async () => {
    expect(await startedFor({})).toEqual({
      started: new Set(),
      calls: ['facts'],
      keys: ['facts', 'undo'],
    });
  });

  test('is not set up: platforms are proved without a builder', async () => {
    const { started, calls, keys } = await startedFor({ platforms: ['linux/amd64'] });
    expect(started).toEqual(new Set());
    expect(calls).toEqual(expect.arrayContaining(['facts', 'load', 'create', 'start', 'remove']));
    expect(keys).toEqual(['facts', 'undo', 'status', 'reprobe', 'known']);
  });

  test('is not run: a builder is made without a proof', async () => {
    const { started, calls, keys } = await startedFor({ builder: {} });
    expect(started).toEqual(
      new Set([
        'buildx ls',
        'buildx create',
        'buildx inspect',
        'buildx rm',
        'kill buildx_buildkit_sea-trial-run-10',
      ]),
    );
    expect(calls).toEqual(['facts', 'names', 'removeImage']);
    expect(keys).toEqual(['facts', 'undo', 'builder', 'buildx', 'sharesLoopback']);
  });

  const onLoopback: readonly (readonly [string, EnvironmentNeeds, readonly string[]])[] = [
    ['nothing', { builder: { registries: ['ghcr.io'] }, targets: ['ghcr.io'] }, []],
    ['a registry that is pulled from', { builder: { registries: ['127.0.0.1:5000'] } }, []],
    ['a registry that is pushed to', { builder: {}, targets: ['localhost:5000'] }, []],
    ['a mirror of the engine', { builder: {} }, ['http://127.0.0.1:5000/']],
  ];

  test.each(onLoopback)(
    'is not tested: whose loopback it is, unless something is on it (here: %s)',
    async (what, needs, mirrors) => {
      const world = createWorld({ facts: { ...createWorld().facts, mirrors } });
      const { started } = await startedFor(needs, world);
      expect([...started].includes('pull')).toBe(what !== 'nothing');
    },
  );
});
