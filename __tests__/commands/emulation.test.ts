import { describe, expect, test } from '@jest/globals';
import { onMachine } from './machine-rig.js';

const MISC = '/proc/sys/fs/binfmt_misc';

type Described = NonNullable<Parameters<typeof onMachine>[1]>;

/** A machine with these handlers and their flags; of those in `installed` it remembers that they were added. */
const withHandlers = (
  handlers: Readonly<Record<string, string>>,
  installed: readonly string[] = [],
): Described => ({
  through: ({ list, read, look }) => ({
    look: async (path) => (path.startsWith(MISC) ? undefined : look(path)),
    list: async (path) => (path === MISC ? ['register', ...Object.keys(handlers)] : list(path)),
    read: async (path, most) => {
      if (path.endsWith('/emulators.json') && installed.length > 0) {
        return Buffer.from(JSON.stringify({ '{}': { handlers: installed, installer: 'x' } }));
      }
      if (!path.startsWith(MISC)) return read(path, most);
      const name = path.slice(MISC.length + 1);
      return Buffer.from(`enabled\ninterpreter /usr/bin/${name}\nflags: ${handlers[name]}\n`);
    },
  }),
});

const arm64 = withHandlers({ 'qemu-aarch64': 'POCF' });
const HANDLER = 'qemu-aarch64 (/usr/bin/qemu-aarch64, flags POCF)';

const emulation = (words: string, described: Described = arm64) =>
  onMachine(['emulation', ...words.split(' ')], described);

describe('emulation list', () => {
  const lines = async (described: Described) => {
    const { code, out } = await emulation('list', described);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Docker 28\.5\.2 on linux\/amd64\n\n {2}native {11}linux\/386, linux\/amd64\n\n/,
    );
    return out.split('\n').slice(4, -1);
  };

  test('shows each emulator, what is weak about it, and whether we have added it', async () => {
    const handlers = { 'qemu-aarch64': 'POCF', 'qemu-s390x': 'OC' };
    expect(await lines(withHandlers(handlers, ['qemu-aarch64']))).toStrictEqual([
      '  emulators that are registered on this machine',
      `    ${HANDLER}, installed by sea-trial`,
      '    qemu-s390x (/usr/bin/qemu-s390x, flags OC)',
      '      ⚠ without the flag F, containers do not see it',
      '      ⚠ without the flag P, links to busybox may run another command',
    ]);
  });

  test('says that there is none', async () => {
    expect(await lines(withHandlers({}))).toStrictEqual([
      '  no emulator is registered on this machine',
    ]);
  });

  test('gives the same as JSON', async () => {
    const { out } = await emulation('list --json');
    expect(JSON.parse(out)).toMatchObject({
      native: ['linux/386', 'linux/amd64'],
      handlers: [{ name: 'qemu-aarch64', flags: 'POCF' }],
    });
  });
});

describe('emulation prove', () => {
  test('shows what runs, and fails for what was asked for and does not', async () => {
    const { code, out } = await emulation('prove linux/amd64 linux/arm64 linux/s390x');
    const [native, emulated, ...missing] = out.split('\n');
    expect([native, emulated]).toStrictEqual([
      'linux/amd64      ✔ native',
      `linux/arm64      ✔ emulated by ${HANDLER}`,
    ]);
    expect(missing).toStrictEqual([
      'linux/s390x      ✘ cannot be run here: no emulator is registered for its programs (exec format error).',
      expect.stringMatching(/^ {19}Register one on the engine's machine: .* --install s390x\./),
      '',
    ]);
    expect(code).toBe(3);
  });

  test('of all platforms fails for none that has no emulator', async () => {
    const { code, out } = await emulation('prove');
    expect(out).toContain('linux/amd64      ✔ native\n');
    expect(out).toContain('linux/s390x      · no emulator\n');
    expect(out).not.toMatch(/✘|Register/);
    expect(code).toBe(0);
    const { out: json } = await emulation('prove --json');
    const { platforms } = JSON.parse(json);
    const own = platforms.find(({ platform }: { platform: string }) => platform === 'linux/s390x');
    expect(own).toStrictEqual({
      ...{ platform: 'linux/s390x', proved: false, emulated: true, missing: true },
    });
  });

  test('names an emulator that this machine does not show by its program', async () => {
    const { out } = await emulation('prove linux/arm64', withHandlers({}));
    expect(out).toMatch(/^linux\/arm64 {6}✔ emulated by \/usr\/bin\/qemu-aarch64\n/);
  });

  test('warns of an emulator that is too old, and says what to do', async () => {
    const { code, out } = await emulation('prove linux/arm64', { ...arm64, openat2: 38 });
    const [head, warning, remedy] = out.split('\n');
    expect(head).toBe(`linux/arm64      ✔ emulated by ${HANDLER}`);
    expect(warning).toMatch(/^ {19}⚠ \S/);
    expect(remedy).toMatch(/^ {19}[A-Z]/);
    expect(code).toBe(0);
  });
});

describe('emulation install', () => {
  const installer = (emulates: string[], handlers: Record<string, string>): Described => ({
    ...withHandlers(handlers),
    emulates,
    heed: (command) => {
      if (command.includes('--install s390x') || command.includes('--install qemu-s390x')) {
        emulates.push('s390x');
        handlers['qemu-s390x'] = 'POCF';
      }
      if (!command.includes('--privileged')) return undefined;
      const names = Object.keys(handlers);
      return { stdout: JSON.stringify({ supported: [], emulators: names }) };
    },
  });

  test('says what it has added, and how that is removed', async () => {
    const { code, out } = await emulation('install linux/s390x', installer([], {}));
    expect(out).toBe(`\
linux/s390x      ✔ emulated by qemu-s390x (/usr/bin/qemu-s390x, flags POCF)

Installed: qemu-s390x.
sea-trial emulation remove removes them again.
`);
    expect(code).toBe(0);
  });

  test('names all that it has added', async () => {
    const [emulates, handlers]: [string[], Record<string, string>] = [[], {}];
    const { out } = await emulation('install linux/s390x linux/arm64', {
      ...installer(emulates, handlers),
      heed: (command) => {
        if (!command.includes('--privileged')) return undefined;
        if (command.includes('--install')) {
          emulates.push('s390x', 'arm64');
          Object.assign(handlers, { 'qemu-s390x': 'POCF', 'qemu-aarch64': 'POCF' });
        }
        return { stdout: JSON.stringify({ supported: [], emulators: Object.keys(handlers) }) };
      },
    });
    expect(out).toMatch(/\nInstalled: qemu-(s390x, qemu-aarch64|aarch64, qemu-s390x)\.\n/);
  });

  test('gives the same as JSON', async () => {
    const { out } = await emulation('install linux/s390x --json', installer([], {}));
    expect(JSON.parse(out)).toMatchObject({
      platforms: [{ platform: 'linux/s390x', proved: true }],
      added: ['qemu-s390x'],
    });
  });

  test('says that nothing was added, and why what is registered stays', async () => {
    const works = await emulation('install linux/arm64');
    expect([works.code, works.out.split('\n').slice(1)]).toStrictEqual([
      0,
      ['', 'Nothing was installed.', ''],
    ]);
    const missing = await emulation('install linux/s390x');
    expect([missing.code, missing.out.split('\n').at(-2)]).toStrictEqual([
      3,
      'Nothing was installed.',
    ]);
  });
});

describe('emulation remove', () => {
  test('says that there is nothing, or what stays', async () => {
    expect((await emulation('remove')).out).toBe('Nothing was removed.\n');
    const { code, out } = await emulation('remove linux/arm64');
    expect([code, out]).toStrictEqual([
      0,
      'Nothing was removed.\nqemu-aarch64 was not installed by sea-trial and stays as it is.\n',
    ]);
    const { out: json } = await emulation('remove linux/arm64 --json');
    expect(JSON.parse(json)).toStrictEqual({ removed: [], kept: ['qemu-aarch64'] });
  });
});
