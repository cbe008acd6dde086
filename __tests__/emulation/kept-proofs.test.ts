import { describe, expect, test } from '@jest/globals';
import { programs } from '../../src/emulation/programs.js';
import { EngineError } from '../../src/engine/index.js';
import { prepare } from '../../src/environment/index.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { createWorld, engineOf, portsOf, type World } from '../environment/world.js';

const MISC = '/proc/sys/fs/binfmt_misc';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const never = new AbortController().signal;

/** A machine with an emulator, an engine on it, and what a program remembers there. */
function machine() {
  const arm = 'enabled\ninterpreter /usr/bin/qemu-aarch64\nflags: POCF\n';
  const world = createWorld({
    handlers: new Map([
      ['amd64', 'sea-trial-again'],
      ['arm64', 'sea-trial-again'],
    ]),
  });
  world.facts = { ...world.facts, id: 'engine-1' };
  return {
    world,
    boot: 'boot-1',
    now: Date.parse('2026-11-25T12:00:00Z'),
    folder: '/tmp/run-1',
    handlers: new Map([
      ['status', { text: 'enabled\n', modified: 1n }],
      ['qemu-aarch64', { text: arm, modified: 2n }],
    ]),
    spaces: 'the first' as string | undefined,
    mounted: true,
    seesFiles: true,
    remembered: new Map<string, string>(),
    writes: 0,
    writable: true,
  };
}

type Machine = ReturnType<typeof machine>;

function portsOn(here: Machine, world: World): Ports {
  const ports = portsOf(world, realPorts());
  const { remembered } = here;
  const handlerAt = (path: string) => here.handlers.get(path.slice(MISC.length + 1));
  return {
    ...ports,
    env: { HOME: '/home/one' },
    clock: { ...ports.clock, now: () => new Date(here.now) },
    processes: {
      ...ports.processes,
      identify: async () => ({ host: 'h', boot: here.boot, space: 's', pid: 7, started: '1' }),
    },
    files: {
      ...ports.files,
      async target(path) {
        if (here.spaces === undefined) throw new Error('ENOENT');
        return `${path} ${here.spaces}`;
      },
      async list(path) {
        if (!here.mounted) throw new Error('ENOENT');
        return path === MISC ? [...here.handlers.keys()] : [];
      },
      async look(path) {
        const modified = handlerAt(path)?.modified;
        return modified === undefined
          ? undefined
          : { kind: 'file', size: 0, mode: 0o644, modified };
      },
      async read(path) {
        const text = handlerAt(path)?.text ?? remembered.get(path);
        if (text === undefined) throw new Error(`There is no ${path}.`);
        return Buffer.from(text);
      },
      makeDirectory: async () => {},
      async write(path, content) {
        if (path.startsWith(here.folder)) return;
        here.writes += 1;
        if (!here.writable) throw new Error('read-only');
        remembered.set(path, content.toString());
      },
      async rename(from, to) {
        remembered.set(to, remembered.get(from) ?? '');
        remembered.delete(from);
      },
      async remove(path) {
        remembered.delete(path);
      },
    },
  };
}

/** A run on it: how many programs were run, and what is known of the platforms. */
async function run(here: Machine, platforms: readonly string[] = PLATFORMS) {
  const { world, folder } = here;
  let programs = 0;
  const engine = engineOf(world);
  const counting = {
    ...engine,
    create(spec: Parameters<typeof engine.create>[0]) {
      if (!here.seesFiles && spec.mounts !== undefined) {
        throw new EngineError('failed', 'No.', 'bind source path does not exist');
      }
      programs += 1;
      return engine.create(spec);
    },
  };
  const needs = { platforms, builder: {} };
  const record = recordInMemory('run-1');
  const ports = portsOn(here, world);
  const environment = await prepare(needs, {
    engine: counting,
    ports,
    record,
    folder,
    signal: never,
  });
  const { surroundings, runnable, findings } = await environment.known;
  const again = () => environment.reprobe('linux/arm64');
  return { programs, surroundings, runnable, findings, again, undo: environment.undo };
}

async function programsOf(here: Machine, platforms?: readonly string[]): Promise<number> {
  const { programs, undo } = await run(here, platforms);
  await undo();
  return programs;
}

const proved = (at = '') =>
  `a program ran as aarch64, and its name and its exit status arrived${at}`;

describe('proofs', () => {
  test('hold for the runs that come after, which say when they were made', async () => {
    const here = machine();
    const first = await run(here);
    await first.undo();
    here.now += 60_000;
    const second = await run(here);
    await second.undo();
    expect([first.programs, second.programs, here.writes]).toEqual([2, 0, 1]);
    expect(first.surroundings.platforms[1]?.proof).toBe(proved());
    expect(second.surroundings.platforms[1]).toEqual({
      ...first.surroundings.platforms[1],
      proof: proved(' (2026-11-25T12:00:00.000Z; nothing that runs it has changed since)'),
    });
    expect(second.surroundings.engine).toEqual(first.surroundings.engine);
    expect(second.surroundings.engine.sharesFiles).toBe('yes');
    expect([...second.runnable]).toEqual(PLATFORMS);
    expect([...here.remembered.keys()]).toEqual(['/home/one/.local/state/sea-trial/proofs.json']);
  });

  const changes: readonly (readonly [string, (here: Machine) => void])[] = [
    ['the machine was started anew', (here) => Object.assign(here, { boot: 'boot-2' })],
    [
      'a handler was registered anew',
      ({ handlers }) => {
        const handler = handlers.get('qemu-aarch64');
        handlers.set('qemu-aarch64', { text: handler?.text ?? '', modified: 3n });
      },
    ],
    [
      'a handler came',
      ({ handlers }) => handlers.set('other', { text: 'enabled\n', modified: 3n }),
    ],
    ['a handler went', ({ handlers }) => handlers.delete('qemu-aarch64')],
    [
      'handlers were switched off',
      ({ handlers }) => {
        handlers.set('status', { text: 'disabled\n', modified: 1n });
      },
    ],
    [
      'the engine is another one',
      ({ world }) => {
        world.facts = { ...world.facts, id: 'engine-2' };
      },
    ],
    [
      'the engine has another version',
      ({ world }) => {
        world.facts = { ...world.facts, version: '29.0.0' };
      },
    ],
    ['it is seen from another container', (here) => Object.assign(here, { spaces: 'another' })],
    ['the files are in another place', (here) => Object.assign(here, { folder: '/home/run-2' })],
    ['a day has passed', (here) => Object.assign(here, { now: here.now + 86_400_000 })],
    ['the clock went back', (here) => Object.assign(here, { now: here.now - 1 })],
    [
      'they cannot be read',
      ({ remembered }) => {
        for (const path of remembered.keys()) remembered.set(path, '{"proofs":');
      },
    ],
    [
      'they have another form',
      ({ remembered }) => {
        for (const [path, text] of remembered) {
          remembered.set(path, text.replace(/"machine":"[^"]*"/g, '"machine":7'));
        }
      },
    ],
    [
      'they are something else',
      ({ remembered }) => {
        for (const path of remembered.keys()) remembered.set(path, 'null');
      },
    ],
  ];

  test.each(changes)('are made again where %s', async (_, change) => {
    const here = machine();
    await programsOf(here);
    change(here);
    expect(await programsOf(here)).toBe(2);
  });

  test('are made again by other programs', async () => {
    const here = machine();
    await programsOf(here);
    const table: Record<string, { sha256: string; base64: string }> = programs;
    const own = programs['linux/386'];
    if (own === undefined) throw new Error('there is no program for linux/386');
    try {
      table['linux/386'] = { ...own, sha256: 'another' };
      expect(await programsOf(here)).toBe(2);
    } finally {
      table['linux/386'] = own;
    }
    // Those that were kept last.
    expect(await programsOf(here)).toBe(2);
    expect(await programsOf(here)).toBe(0);
  });

  test('keep what an emulator lacks', async () => {
    const here = machine();
    here.world.qemu = '7.2.22';
    here.world.openat2.set('arm64', 38);
    const first = await run(here);
    await first.undo();
    const second = await run(here);
    await second.undo();
    // The emulator is asked what it is by one more container.
    expect([first.programs, second.programs]).toEqual([3, 0]);
    const told = second.findings.map(({ code, message }) => [code, message]);
    expect(told).toEqual([['emulator-old', expect.stringContaining('by qemu-aarch64 7.2.22, ')]]);
  });

  const unknown: readonly (readonly [string, (here: Machine) => void])[] = [
    ['no handler can be seen', ({ handlers }) => handlers.clear()],
    ['the kernel shows no handlers', (here) => Object.assign(here, { mounted: false })],
    ['the kernel shows no namespaces', (here) => Object.assign(here, { spaces: undefined })],
    [
      'the engine does not say who it is',
      ({ world }) => {
        const { id: _, ...facts } = world.facts;
        world.facts = facts;
      },
    ],
    [
      'the engine is rootless',
      ({ world }) => {
        world.facts = { ...world.facts, rootless: true };
      },
    ],
    ['the kernel does not say when it started', (here) => Object.assign(here, { boot: '' })],
    ['the engine does not see the files', (here) => Object.assign(here, { seesFiles: false })],
    ['nothing can be written', (here) => Object.assign(here, { writable: false })],
  ];

  test.each(unknown)('are made each time where %s', async (_, change) => {
    const here = machine();
    change(here);
    expect([await programsOf(here), await programsOf(here)]).toEqual([2, 2]);
    expect([...here.remembered]).toEqual([]);
  });

  test('that failed are made each time, and those that did not are kept', async () => {
    const here = machine();
    here.world.handlers.set('arm64', 'another-name');
    const first = await run(here);
    await first.undo();
    expect([...first.runnable]).toEqual(['linux/amd64']);
    expect(await programsOf(here)).toBe(1);
  });

  test('keep their time where those of other platforms come to them', async () => {
    const here = machine();
    const [first = '', ...others] = PLATFORMS;
    await programsOf(here, [first]);
    here.now += 60_000;
    expect(await programsOf(here)).toBe(others.length);
    here.now += 60_000;
    const { surroundings, undo } = await run(here);
    await undo();
    expect(surroundings.platforms.map(({ proof }) => /\((\S+);/.exec(proof ?? '')?.[1])).toEqual([
      '2026-11-25T12:00:00.000Z',
      '2026-11-25T12:01:00.000Z',
    ]);
  });

  test('are not kept of what runs only as long as this run does', async () => {
    const here = machine();
    here.world.handlers.delete('arm64');
    here.world.installable = ['arm64'];
    const first = await programsOf(here);
    expect([await programsOf(here), here.remembered.size]).toEqual([first, 0]);
  });

  test('hold beside a platform that there is no program for', async () => {
    const here = machine();
    const platforms = [...PLATFORMS, 'linux/ppc64'];
    expect(await programsOf(here, platforms)).toBe(2);
    expect(await programsOf(here, platforms)).toBe(0);
  });

  test('are forgotten where one fails that is made again', async () => {
    const here = machine();
    await programsOf(here);
    const second = await run(here);
    expect(await second.again()).toEqual({ emulator: 'qemu-aarch64' });
    here.world.qemu = '11.1.2';
    expect(await second.again()).toEqual({ emulator: 'qemu-aarch64 11.1.2' });
    expect(here.remembered.size).toBe(1);
    here.world.handlers.set('arm64', 'another-name');
    expect((await second.again()).lost?.code).toBe('platform-not-runnable');
    await second.undo();
    expect(here.remembered.size).toBe(0);
  });
});
