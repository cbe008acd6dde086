import { describe, expect, test } from '@jest/globals';
import {
  BINFMT_IMAGE,
  installHandlers,
  lacksPrivileges,
  readEmulators,
  readHandler,
  registeredHandlers,
  removeHandlers,
} from '../../src/emulation/handlers.js';
import { type Command, type CommandOutput, type Files, realPorts } from '../../src/ports/index.js';

const AARCH64 = [
  'enabled',
  'interpreter /usr/bin/qemu-aarch64',
  'flags: POCF',
  'offset 0',
  'magic 7f454c460201010000000000000000000200b700',
  'mask ffffffffffffff00fffffffffffffffffeffffff',
  '',
].join('\n');

describe('readEmulators', () => {
  test.each([
    [
      '{"supported":["linux/amd64"],"emulators":["qemu-aarch64","qemu-arm"]}',
      ['qemu-aarch64', 'qemu-arm'],
    ],
    ['{"supported":["linux/amd64"],"emulators":null}', []],
    ['{"supported":["linux/amd64"]}', []],
    ['{"emulators":[1,"qemu-arm",null]}', ['qemu-arm']],
    ['null', []],
    ['{"emulators":"all"}', undefined],
    ['{"emulators":{"arm64":true}}', undefined],
    ['', undefined],
    ['installing: arm64 OK', undefined],
  ])('reads %s', (stdout, emulators) => {
    expect(readEmulators(stdout)).toEqual(emulators);
  });
});

describe('readHandler', () => {
  test.each([
    [AARCH64, { name: 'q', interpreter: '/usr/bin/qemu-aarch64', flags: 'POCF' }],
    [AARCH64.replace('POCF', ''), { name: 'q', interpreter: '/usr/bin/qemu-aarch64', flags: '' }],
    [AARCH64.replace('enabled', 'disabled'), undefined],
    [
      AARCH64.replace(/^flags.*\n/m, ''),
      { name: 'q', interpreter: '/usr/bin/qemu-aarch64', flags: '' },
    ],
    [AARCH64.replace(/^interpreter.*\n/m, ''), undefined],
    [AARCH64.replace('enabled', 'enabled not'), undefined],
    ['', undefined],
  ])('reads what the kernel shows', (text, handler) => {
    expect(readHandler('q', text)).toEqual(handler);
  });
});

describe('registeredHandlers', () => {
  test('leaves the two control files out', async () => {
    const files: Files = {
      ...realPorts().files,
      list: async () => ['qemu-aarch64', 'register', 'status'],
      read: async (path) => Buffer.from(path.endsWith('/qemu-aarch64') ? AARCH64 : 'enabled\n'),
    };
    expect(await registeredHandlers(files)).toEqual([
      { name: 'qemu-aarch64', interpreter: '/usr/bin/qemu-aarch64', flags: 'POCF' },
    ]);
  });

  test('is empty where the kernel shows nothing', async () => {
    const files: Files = {
      ...realPorts().files,
      list: async () => {
        throw new Error('ENOENT');
      },
    };
    expect(await registeredHandlers(files)).toEqual([]);
  });
});

describe('an image that registers emulators', () => {
  const INSTALLER = { installer: BINFMT_IMAGE, platform: 'linux/amd64', labels: {} };
  const never = new AbortController().signal;

  /** What comes of it where the image prints these, one run after the other. */
  function printing(...outputs: readonly Partial<CommandOutput>[]) {
    const asked: string[] = [];
    const left = [...outputs];
    const run = async ({ args }: Command): Promise<CommandOutput> => {
      asked.push(args.slice(args.indexOf(BINFMT_IMAGE) + 1).join(' '));
      return { code: 0, signal: null, stdout: '', stderr: '', ...left.shift() };
    };
    const noted: (readonly string[])[] = [];
    const ports = { exec: { ...realPorts().exec, run }, env: {} };
    const note = async (handlers: readonly string[]) => void noted.push(handlers);
    const wanted = { architectures: ['arm64', 's390x'], note };
    return {
      asked,
      noted,
      install: () => installHandlers(wanted, INSTALLER, ports, never),
      remove: (...names: readonly string[]) => removeHandlers(names, INSTALLER, ports),
    };
  }

  const arm = { stdout: '{"emulators":["qemu-aarch64"]}' };
  const none = { stdout: '{"emulators":null}' };

  test('adds what was not there, and says before what that may be', async () => {
    const { install, asked, noted } = printing(arm, {
      stdout: '{"emulators":["qemu-aarch64","qemu-s390x"]}',
    });
    expect(await install()).toMatchObject({ added: ['qemu-s390x'], unprivileged: false });
    expect(asked).toEqual(['', '--install arm64,s390x']);
    expect(noted).toEqual([['qemu-s390x']]);
  });

  test.each<[string, Partial<CommandOutput>, string]>([
    ['nothing', { code: 125 }, 'it printed nothing'],
    ['that it has failed', { code: 1, ...none, stderr: 'failed' }, 'failed'],
    ['something else', { stdout: 'hello', stderr: 'one\n\ntwo. \n \n' }, 'two'],
    ['a problem among other words', { code: 1, stderr: 'cannot go on.\nbye\n' }, 'cannot go on'],
    [
      'a refusal of the engine',
      { code: 125, stderr: `docker: Error response from daemon: ${BINFMT_IMAGE}: not found.` },
      'docker.io/tonistiigi/binfmt: not found',
    ],
    ['more than anyone reads', { code: 1, stderr: 'x'.repeat(400) }, 'x'.repeat(300)],
  ])('that says %s is not asked to add anything', async (_, output, said) => {
    const { install, asked, noted } = printing(output);
    expect(await install()).toEqual({
      added: [],
      said: `docker.io/tonistiigi/binfmt could not register one: ${said}`,
      unprivileged: false,
    });
    expect([asked, noted]).toEqual([[''], []]);
  });

  test('that lacks privileges tells that with the words', async () => {
    const { install } = printing(none, { ...none, stderr: 'error: operation not permitted' });
    expect(await install()).toEqual({
      added: [],
      said: 'docker.io/tonistiigi/binfmt could not register one: error: operation not permitted',
      unprivileged: true,
    });
  });

  test('that dies while it adds has added nothing that is known', async () => {
    const { install } = printing(none, { code: 1, stderr: 'killed' });
    expect((await install()).added).toEqual([]);
  });

  test('takes handlers away, and is not started for none', async () => {
    const { remove, asked } = printing(arm);
    await remove('qemu-arm');
    await remove();
    expect(asked).toEqual(['--uninstall qemu-arm']);
  });

  test('that leaves one is an error with its last words', async () => {
    await expect(
      printing({ ...arm, stderr: 'no' }).remove('qemu-aarch64', 'qemu-arm'),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^Emulators could not be removed: qemu-aarch64\./),
      said: 'no',
    });
    // Where it does not say what is left, nothing has gone.
    await expect(printing({ code: 1 }).remove('qemu-arm')).rejects.toMatchObject({
      message: expect.stringMatching(/^Emulators could not be removed: qemu-arm\./),
    });
  });
});

test.each([
  [
    'docker: Error response from daemon: authorization denied by plugin p: no privileged containers.',
    true,
  ],
  [
    'docker: Error response from daemon: privileged mode is incompatible with user namespaces. You must run the container in the host namespace when running privileged mode.',
    true,
  ],
  [
    'error: cannot mount binfmt_misc filesystem at /proc/sys/fs/binfmt_misc: operation not permitted',
    true,
  ],
  ['installing: arm64 open /proc/sys/fs/binfmt_misc/register: read-only file system', true],
  [
    "docker: Error response from daemon: pull access denied for a/b, repository does not exist or may require 'docker login': denied: requested access to the resource is denied.",
    false,
  ],
  ['installing: arm64 open /binfmt.d/qemu-aarch64.conf: no such file or directory', false],
])('%s: want of privileges %s', (stderr, expected) => {
  expect(lacksPrivileges(stderr)).toBe(expected);
});
