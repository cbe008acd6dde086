import { describe, expect, test } from '@jest/globals';
import { prepare } from '../../src/environment/index.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { createWorld, engineOf, portsOf } from '../environment/world.js';

const never = new AbortController().signal;

/** Files in which the kernel shows a handler for arm64, and another one. */
function handlersShown(name: string | undefined): Partial<Ports['files']> {
  if (name === undefined) return {};
  const interpreters = new Map([
    ['qemu-s390x', '/usr/bin/qemu-s390x'],
    [name, '/usr/bin/qemu-aarch64'],
  ]);
  return {
    list: async () => ['register', ...interpreters.keys()],
    look: async () => undefined,
    async read(path) {
      const interpreter = interpreters.get(path.slice(path.lastIndexOf('/') + 1));
      return Buffer.from(`enabled\ninterpreter ${interpreter}\nflags: F\n`);
    },
  };
}

interface Refusals {
  readonly [architecture: string]: number;
}

/** An engine for amd64 that emulates arm64 and s390x, and refuses openat2(2) with these errors. */
async function prepared(
  openat2: Refusals,
  {
    qemu,
    platforms = ['linux/arm64'],
    handler,
  }: {
    readonly qemu?: string;
    readonly platforms?: readonly string[];
    /** The name under which this machine shows the emulator of arm64, beside another handler. */
    readonly handler?: string;
  } = {},
) {
  const name = 'sea-trial-again';
  const world = createWorld({
    handlers: new Map([
      ['amd64', name],
      ['arm64', name],
      ['s390x', name],
    ]),
    openat2: new Map(Object.entries(openat2)),
    qemu,
  });
  const ports = portsOf(world, realPorts());
  const environment = await prepare(
    { platforms },
    {
      engine: engineOf(world),
      ports: { ...ports, files: { ...ports.files, ...handlersShown(handler) } },
      record: recordInMemory('run-1'),
      signal: never,
    },
  );
  const status = await environment.status('linux/arm64');
  const { findings, runnable } = await environment.known;
  await environment.undo();
  return { findings, runnable, status, left: world.containers.size };
}

describe('an emulator under which openat2(2) fails', () => {
  test.each([
    [38, 'ENOSYS', 'Function not implemented'],
    [89, 'ENOSYS', 'Function not implemented'],
    [22, 'EINVAL', 'Invalid argument'],
  ])(
    'with error %d is told as too old, with its version and what to do',
    async (error, name, words) => {
      const { findings, runnable, status, left } = await prepared(
        { arm64: error },
        { qemu: '8.2.2' },
      );
      expect(findings).toStrictEqual([
        {
          code: 'emulator-old',
          severity: 'warning',
          subject: { platform: 'linux/arm64' },
          message: `linux/arm64 is emulated by qemu-aarch64 8.2.2, under which openat2(2) fails with ${name}. GNU tar of 2026 (Ubuntu 26.04, RHEL 10) extracts files by it, and fails there: "Cannot open: ${words}".`,
          found: { value: name, from: 'a proof program run under the emulator' },
          expected: {
            value: 'a new file',
            from: 'the same program run by this engine natively',
          },
          remedy: expect.stringMatching(
            /^Register a newer emulator on the engine's machine: .* --uninstall qemu-aarch64, then docker run .* --install arm64\. Or use a machine/,
          ),
        },
      ]);
      expect([...runnable]).toEqual(['linux/arm64']);
      expect(status).toEqual({ runs: true, emulated: true, tarWords: words, warning: findings[0] });
      expect(left).toBe(0);
    },
  );

  test('that tells no version is named by its program', async () => {
    const { findings } = await prepared({ arm64: 38 });
    expect(findings[0]?.message).toContain('linux/arm64 is emulated by qemu-aarch64, under which');
  });

  test('is removed by the name of its handler, where this machine shows it', async () => {
    const { findings } = await prepared({ arm64: 38 }, { handler: 'own-arm64' });
    expect(findings[0]?.remedy).toContain(' --uninstall own-arm64, then ');
    expect(findings[0]?.detail).toEqual([expect.stringContaining('/usr/bin/qemu-aarch64')]);
    const unseen = await prepared({ arm64: 38 });
    expect(unseen.findings[0]).not.toHaveProperty('detail');
  });

  test('with an error that tar has no known words for is told by its number', async () => {
    const { findings, status } = await prepared({ arm64: 95 });
    expect(findings[0]?.message).toContain('openat2(2) fails with error 95.');
    expect(status.tarWords).toBeUndefined();
  });

  test('is one beside others that are well', async () => {
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
    const { findings } = await prepared({ s390x: 38 }, { platforms });
    expect(findings.map(({ code, subject }) => [code, subject.platform])).toEqual([
      ['emulator-old', 'linux/s390x'],
    ]);
  });

  test.each([
    ['the kernel does not know it', { amd64: 38, arm64: 38 }],
    ['a seccomp profile refuses it', { amd64: 1, arm64: 1 }],
  ])('is not to blame where natively %s', async (_, refusals) => {
    for (const platforms of [['linux/arm64'], ['linux/amd64', 'linux/arm64']]) {
      const { findings, status } = await prepared(refusals, { platforms });
      expect([findings, status]).toEqual([[], { runs: true, emulated: true }]);
    }
  });

  test('is not to blame where it cannot be seen what happens natively', async () => {
    const world = createWorld({
      handlers: new Map([['arm64', 'sea-trial-again']]),
      openat2: new Map([['arm64', 38]]),
    });
    const environment = await prepare(
      { platforms: ['linux/arm64'] },
      {
        engine: engineOf(world),
        ports: portsOf(world, realPorts()),
        record: recordInMemory('run-1'),
        signal: never,
      },
    );
    expect((await environment.known).findings).toEqual([]);
    await environment.undo();
  });

  test('is none where a program of another platform is run without one', async () => {
    const { facts } = createWorld();
    const world = createWorld({
      facts: { ...facts, platform: 'linux/arm64' },
      handlers: new Map([
        ['amd64', 'sea-trial-again'],
        ['arm64', 'sea-trial-again'],
      ]),
      openat2: new Map([['amd64', 38]]),
    });
    const environment = await prepare(
      { platforms: ['linux/amd64'] },
      {
        engine: engineOf(world),
        ports: portsOf(world, realPorts()),
        record: recordInMemory('run-1'),
        signal: never,
      },
    );
    expect((await environment.known).findings).toEqual([]);
    await environment.undo();
  });

  test('is none where only the native program fails', async () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const { findings } = await prepared({ amd64: 38 }, { platforms });
    expect(findings).toEqual([]);
  });
});
