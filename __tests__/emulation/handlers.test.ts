import { describe, expect, test } from '@jest/globals';
import {
  lacksPrivileges,
  readEmulators,
  readHandler,
  registeredHandlers,
} from '../../src/emulation/handlers.js';
import { type Files, realPorts } from '../../src/ports/index.js';

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
