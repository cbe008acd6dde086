import { describe, expect, test } from '@jest/globals';
import type { Made, RunLeftovers } from '../../src/cleanup/run-record.js';
import { BINFMT_IMAGE } from '../../src/emulation/handlers.js';
import {
  type EmulationTools,
  installEmulators,
  provePlatforms,
  removeEmulators,
  takeInventory,
} from '../../src/emulation/index.js';
import { EngineError } from '../../src/engine/index.js';
import { realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { createWorld, engineOf, portsOf, type World } from '../environment/world.js';

const MEMORY = '/home/me/.local/state/sea-trial/emulators.json';
const MISC = '/proc/sys/fs/binfmt_misc';
const INTERPRETERS: Readonly<Record<string, string>> = { arm64: 'aarch64', s390x: 's390x' };

/** The tools of one command on a machine that remembers `installed` of the engine in use. */
function toolsFor(
  world: World,
  {
    installed,
    others = [],
  }: { readonly installed?: readonly string[]; readonly others?: readonly RunLeftovers[] } = {},
) {
  const real = realPorts();
  const own = portsOf(world, real);
  const noted: Made[] = [];
  const { written } = own;
  if (installed !== undefined) {
    const memory = { '{}': { handlers: installed, installer: BINFMT_IMAGE } };
    written.set(MEMORY, JSON.stringify(memory));
  }
  const shown = () =>
    [...world.handlers.keys()]
      .filter((one) => one !== 'amd64')
      .map((one) => `qemu-${INTERPRETERS[one]}`);
  const files = {
    ...own.files,
    look: async () => undefined,
    makeDirectory: async () => {},
    list: async (path: string) => (path === MISC ? ['register', ...shown()] : []),
    async read(path: string) {
      const text = path.startsWith(MISC)
        ? `enabled\ninterpreter /usr/bin/${path.slice(MISC.length + 1)}\nflags: F\n`
        : written.get(path);
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
  };
  const record = recordInMemory('emulation-00000001', noted);
  const tools: EmulationTools = {
    engine: engineOf(world),
    ports: { ...own, files, env: { HOME: '/home/me' } },
    record: { ...record, all: async () => [...(await record.all()), ...others] },
    signal: new AbortController().signal,
  };
  const remembered = () => {
    const text = written.get(MEMORY);
    return text === undefined ? undefined : JSON.parse(text)['{}'];
  };
  return { tools, noted, remembered };
}

const binfmt = ({ commands }: World) => commands.filter((one) => one.startsWith('binfmt'));

describe('what there is for other platforms', () => {
  test('is seen without running anything, and what install has added is known', async () => {
    const world = createWorld();
    for (const one of ['arm64', 's390x']) world.handlers.set(one, 'sea-trial-again');
    const { tools } = toolsFor(world, { installed: ['qemu-aarch64'] });
    expect(await takeInventory(tools)).toEqual({
      engine: { version: '28.5.2', platform: 'linux/amd64' },
      native: ['linux/386', 'linux/amd64'],
      handlers: [
        {
          name: 'qemu-aarch64',
          interpreter: '/usr/bin/qemu-aarch64',
          flags: 'F',
          installed: true,
        },
        { name: 'qemu-s390x', interpreter: '/usr/bin/qemu-s390x', flags: 'F', installed: false },
      ],
    });
    expect(world.commands).toEqual([]);
  });

  test('is proved by running it, while no other run takes it away', async () => {
    const world = createWorld({ qemu: '10.2.3' });
    world.handlers.set('arm64', 'sea-trial-again');
    const { tools, noted } = toolsFor(world);
    const checks = await provePlatforms(['linux/amd64', 'linux/arm64', 'linux/s390x'], tools);
    expect(checks).toEqual([
      { platform: 'linux/amd64', emulated: false, proved: true, missing: false },
      {
        platform: 'linux/arm64',
        emulated: true,
        handler: expect.stringContaining('qemu-aarch64'),
        proved: true,
        missing: false,
      },
      {
        platform: 'linux/s390x',
        emulated: true,
        proved: false,
        missing: true,
        problem: expect.stringMatching(/^linux\/s390x cannot be run here: /),
        remedy: expect.any(String),
      },
    ]);
    expect(noted).toEqual([
      { answered: '28.5.2' },
      { relies: ['qemu-aarch64', 'qemu-s390x'] },
      { relies: [] },
    ]);
    expect(binfmt(world)).toEqual([]);
  });

  test('is not missing where an emulator is at fault, or nothing can be proved', async () => {
    const world = createWorld();
    world.handlers.set('arm64', 'another-name');
    const { tools } = toolsFor(world);
    const checks = await provePlatforms(['linux/arm64', 'linux/ppc64'], tools);
    expect(checks).toEqual([
      {
        platform: 'linux/arm64',
        emulated: true,
        proved: false,
        missing: false,
        problem: expect.stringContaining('argv[0] arrived as another-name'),
        remedy: expect.any(String),
      },
      {
        platform: 'linux/ppc64',
        emulated: true,
        proved: false,
        missing: false,
        problem: expect.stringMatching(/^linux\/ppc64 cannot be tested here: /),
        remedy: 'Remove the platform from the configuration.',
      },
    ]);
  });

  test('has a warning where an emulator is too old', async () => {
    const world = createWorld({ qemu: '8.2.2', openat2: new Map([['arm64', 38]]) });
    world.handlers.set('arm64', 'sea-trial-again');
    const { tools } = toolsFor(world);
    expect(await provePlatforms(['linux/arm64'], tools)).toEqual([
      {
        platform: 'linux/arm64',
        emulated: true,
        handler: expect.stringContaining('qemu-aarch64'),
        proved: true,
        missing: false,
        warning: expect.stringContaining('is emulated by qemu-aarch64 8.2.2, '),
        remedy: expect.stringContaining('Register a newer emulator'),
      },
    ]);
  });

  test('is no matter of handlers where a platform is native', async () => {
    const { tools, noted } = toolsFor(createWorld());
    await provePlatforms(['linux/amd64'], tools);
    expect(noted).toEqual([{ answered: '28.5.2' }, { relies: [] }]);
  });
});

test('a run that is over leaves its emulators to the next one that ends', async () => {
  const world = createWorld({ installable: [] });
  world.handlers.set('arm64', 'sea-trial-again');
  const ended = {
    run: 'local-00000009',
    path: '/record',
    started: new Date(0).toISOString(),
    temporary: '',
    engine: {},
    process: { host: 'elsewhere', boot: 'b', space: 's', pid: 1, started: '1' },
    made: [
      { handlers: ['qemu-aarch64'], installer: BINFMT_IMAGE, platform: 'linux/amd64' },
      { relies: [] },
    ],
  };
  const { tools } = toolsFor(world, { others: [ended] });
  const added: string[] = [];
  const files = {
    ...tools.ports.files,
    append: async (path: string, text: string) => void added.push(`${path} ${text}`),
  };
  await provePlatforms(['linux/amd64'], { ...tools, ports: { ...tools.ports, files } });
  expect(binfmt(world)).toEqual(['binfmt --uninstall qemu-aarch64']);
  expect(added.map((line) => line.split(':')[0])).toEqual([
    '/record {"removing"',
    '/record {"settled"',
    '/record {"removing"',
  ]);
  // The image that takes them away was pulled for that.
  expect([...world.images]).toEqual([]);
});

describe('install', () => {
  test('adds what is missing, remembers it, and removes the image that it has pulled', async () => {
    const world = createWorld({ installable: ['arm64'], qemu: '10.2.3' });
    const { tools, remembered, noted } = toolsFor(world);
    const { platforms, added } = await installEmulators(['linux/amd64', 'linux/arm64'], tools);
    expect(added).toEqual(['qemu-aarch64']);
    expect(platforms.map(({ platform, proved }) => [platform, proved])).toEqual([
      ['linux/amd64', true],
      ['linux/arm64', true],
    ]);
    expect(binfmt(world)).toEqual(['binfmt', 'binfmt --install arm64']);
    expect(remembered()).toEqual({ handlers: ['qemu-aarch64'], installer: BINFMT_IMAGE });
    expect(world.images.has(BINFMT_IMAGE)).toBe(false);
    expect(noted).toContainEqual({ image: BINFMT_IMAGE });
    expect(noted.at(-1)).toEqual({ relies: [] });
  });

  test('leaves what is there as it is, and keeps what it has added before', async () => {
    const world = createWorld({ installable: ['s390x'], qemu: '10.2.3' });
    world.handlers.set('arm64', 'sea-trial-again');
    const { tools, remembered } = toolsFor(world, { installed: ['qemu-aarch64'] });
    expect((await installEmulators(['linux/arm64'], tools)).added).toEqual([]);
    expect(binfmt(world)).toEqual([]);
    expect(remembered()).toEqual({ handlers: ['qemu-aarch64'], installer: BINFMT_IMAGE });
    expect((await installEmulators(['linux/s390x'], tools)).added).toEqual(['qemu-s390x']);
    expect(remembered()?.handlers).toEqual(['qemu-aarch64', 'qemu-s390x']);
  });

  test('says why a platform does not run all the same', async () => {
    const world = createWorld({ installable: [] });
    const { tools, remembered } = toolsFor(world);
    let proofs = 0;
    const { create } = tools.engine;
    const engine: typeof tools.engine = {
      ...tools.engine,
      create(spec) {
        proofs += 1;
        return create(spec);
      },
    };
    const { platforms, added } = await installEmulators(['linux/arm64'], { ...tools, engine });
    expect([added, proofs]).toEqual([[], 1]);
    expect(platforms).toMatchObject([
      { platform: 'linux/arm64', proved: false, missing: true, remedy: expect.any(String) },
    ]);
    expect(platforms[0]?.problem).toContain(
      'docker.io/tonistiigi/binfmt could not register one: error: cannot register all of arm64',
    );
    expect(remembered()).toBeUndefined();
  });

  test('that adds nothing leaves it to the image that has added what is there', async () => {
    const world = createWorld({ installable: [] });
    const { tools, remembered } = toolsFor(world, { installed: ['qemu-aarch64'] });
    const { added } = await installEmulators(['linux/s390x'], { ...tools, installer: 'own:2' });
    expect(added).toEqual([]);
    expect(remembered()).toEqual({ handlers: ['qemu-aarch64'], installer: BINFMT_IMAGE });
  });

  test('takes over nothing that was not asked for', async () => {
    const world = createWorld({ qemu: '10.2.3' });
    for (const one of ['arm64', 's390x']) world.handlers.set(one, 'sea-trial-again');
    const made = [{ handlers: ['qemu-s390x'], installer: 'own:1', platform: 'linux/amd64' }];
    const process = { host: 'elsewhere', boot: 'b', space: 's', pid: 1, started: '1' };
    const started = new Date(0).toISOString();
    const other = { run: 'local-9', path: '/r', started, temporary: '', engine: {}, process, made };
    const { tools, remembered } = toolsFor(world, { installed: ['qemu-aarch64'], others: [other] });
    await installEmulators(['linux/arm64'], tools);
    expect(remembered()).toEqual({ handlers: ['qemu-aarch64'], installer: BINFMT_IMAGE });
  });

  test('keeps for good what a run has added for itself', async () => {
    const world = createWorld({ qemu: '10.2.3' });
    for (const one of ['arm64', 's390x']) world.handlers.set(one, 'sea-trial-again');
    const { tools, remembered } = toolsFor(world, {
      others: [
        {
          run: 'local-00000009',
          path: '/record',
          started: new Date(0).toISOString(),
          temporary: '',
          engine: {},
          process: { host: 'elsewhere', boot: 'b', space: 's', pid: 1, started: '1' },
          made: [
            {
              handlers: ['qemu-aarch64', 'qemu-s390x'],
              installer: 'own:1',
              platform: 'linux/amd64',
            },
          ],
        },
      ],
    });
    await installEmulators(['linux/arm64'], tools);
    expect(remembered()).toEqual({ handlers: ['qemu-aarch64'], installer: 'own:1' });
  });
});

describe('remove', () => {
  const both = () => {
    const world = createWorld({ installable: [] });
    for (const one of ['arm64', 's390x']) world.handlers.set(one, 'sea-trial-again');
    return world;
  };
  const installed = ['qemu-aarch64', 'qemu-s390x'];

  test('takes away all that install has added', async () => {
    const world = both();
    const { tools, remembered } = toolsFor(world, { installed });
    expect(await removeEmulators([], tools)).toEqual({ removed: installed, kept: [] });
    expect(binfmt(world)).toEqual(['binfmt --uninstall qemu-aarch64,qemu-s390x']);
    expect(remembered()).toBeUndefined();
    expect(world.images.has(BINFMT_IMAGE)).toBe(false);
  });

  test('takes away what is asked for, and leaves what it has not added', async () => {
    const world = both();
    const { tools, remembered } = toolsFor(world, { installed: ['qemu-aarch64', 'qemu-arm'] });
    const asked = ['linux/arm64', 'linux/arm64/v9', 'linux/s390x'];
    expect(await removeEmulators(asked, tools)).toEqual({
      removed: ['qemu-aarch64'],
      kept: ['qemu-s390x'],
    });
    expect(binfmt(world)).toEqual(['binfmt --uninstall qemu-aarch64']);
    expect(remembered()).toEqual({ handlers: ['qemu-arm'], installer: BINFMT_IMAGE });
  });

  test('starts nothing where there is nothing to take away', async () => {
    const world = both();
    const { tools, noted } = toolsFor(world);
    expect(await removeEmulators(['linux/arm64'], tools)).toEqual({
      removed: [],
      kept: ['qemu-aarch64'],
    });
    expect([binfmt(world), noted]).toEqual([[], []]);
  });

  test('remembers what it could not take away', async () => {
    const world = both();
    world.uninstalls = false;
    const { tools, remembered } = toolsFor(world, { installed });
    const error = await removeEmulators([], tools).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).message).toContain(
      'Emulators could not be removed: qemu-aarch64, qemu-s390x.',
    );
    expect(remembered()).toEqual({ handlers: installed, installer: BINFMT_IMAGE });
  });
});
