import { expect, test } from '@jest/globals';
import { notProvable, notRunnable } from '../../src/emulation/explain.js';
import { BINFMT_IMAGE } from '../../src/emulation/handlers.js';
import type { FailedProof } from '../../src/emulation/judge-proof.js';

const RUN =
  'docker run --privileged --rm docker.io/tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0';

const ANEW = `Register it again on the engine's machine: ${RUN} --uninstall qemu-aarch64, then ${RUN} --install arm64. If that machine is not yours, ask its administrator.`;

const ELSEWHERE =
  'The processor, the kernel or the engine of this machine is faulty: use another machine for this platform.';

function failed(fault: FailedProof['fault'], found = 'A', expected = 'B'): FailedProof {
  return { proved: false, fault, found, expected };
}

test.each<[FailedProof, boolean, string, string]>([
  [
    failed('no-handler', 'exec format error'),
    false,
    'no emulator is registered for its programs (exec format error).',
    `Register one on the engine's machine: ${RUN} --install arm64. Without that image: apt-get install qemu-user-static (Debian 13 and later: qemu-user-binfmt).`,
  ],
  [
    failed('unprivileged', 'exec format error'),
    false,
    'no emulator is registered for its programs (exec format error).',
    'This engine does not allow emulators to be registered. Have the administrator of its machine do it there, as root: apt-get install qemu-user-static (Debian 13 and later: qemu-user-binfmt). Or use a machine of that architecture, or an engine that runs privileged containers.',
  ],
  [
    failed('outside-container', 'no such file or directory'),
    false,
    'its emulator is registered, but containers do not see it (no such file or directory): it was registered without the flag F, or is not a static program.',
    ANEW,
  ],
  [
    failed('name-lost', '/proof', 'sea-trial-again'),
    false,
    'a started program loses its name: argv[0] arrived as /proof instead of sea-trial-again; the emulator was registered without the flag P, so links to busybox silently run another command.',
    ANEW,
  ],
  [
    failed('status-lost', '000 and 23', '042 and 23'),
    false,
    'exit statuses do not arrive: 000 and 23 instead of 042 and 23, so a failing test would seem to pass.',
    ANEW,
  ],
  [
    failed('not-again', 'exit status 043 and no name'),
    false,
    'a program there cannot start itself through /proc/self/exe (exit status 043 and no name), as shells, Go programs and busybox do.',
    ANEW,
  ],
  [
    failed('crashed', 'signal 11, segmentation fault'),
    false,
    'a one-kilobyte program crashed there (signal 11, segmentation fault).',
    ANEW,
  ],
  [
    failed('crashed', 'signal 4, illegal instruction'),
    true,
    'a one-kilobyte program crashed there (signal 4, illegal instruction).',
    ELSEWHERE,
  ],
  [failed('hung'), false, 'a one-kilobyte program did not end there within 60 seconds.', ANEW],
  [failed('not-started', 'words'), true, 'a program could not be started there: words.', ELSEWHERE],
  [
    failed('wrong-machine', 'riscv64', 'aarch64'),
    false,
    'its programs are run by something else: found riscv64, expected aarch64.',
    "Find the handler that takes these programs under /proc/sys/fs/binfmt_misc on the engine's machine, and remove it: echo -1 > /proc/sys/fs/binfmt_misc/NAME. If that machine is not yours, ask its administrator.",
  ],
])('says what $fault means and what to do', (proof, native, message, remedy) => {
  expect(
    notRunnable('linux/arm64', proof, { native, installer: BINFMT_IMAGE, handlers: [] }),
  ).toEqual({
    code: 'platform-not-runnable',
    severity: 'error',
    subject: { platform: 'linux/arm64' },
    message: `linux/arm64 cannot be run here: ${message}`,
    found: { value: proof.found, from: 'a proof program run in a container' },
    expected: { value: proof.expected, from: 'what the proof program does on its own machine' },
    remedy,
  });
});

test('adds why no emulator could be installed, and the handler that is there', () => {
  const handlers = [
    { name: 'qemu-arm', interpreter: '/usr/bin/qemu-arm', flags: 'POCF' },
    { name: 'qemu-aarch64', interpreter: '/usr/bin/qemu-aarch64', flags: '' },
  ];
  const circumstances = {
    native: false,
    installer: 'reg.lan/binfmt:1',
    handlers,
    installation: 'docker.io/tonistiigi/binfmt could not register one: not found',
  };
  expect(
    notRunnable('linux/arm64', failed('no-handler', 'exec format error'), circumstances),
  ).toMatchObject({
    message:
      'linux/arm64 cannot be run here: no emulator is registered for its programs (exec format error), and docker.io/tonistiigi/binfmt could not register one: not found.',
    detail: ['qemu-aarch64 (/usr/bin/qemu-aarch64, flags none)'],
    remedy: expect.stringContaining(
      'docker run --privileged --rm reg.lan/binfmt:1 --install arm64',
    ),
  });
});

test('a platform without a program of the proof cannot be tested, and the plan can do without it', () => {
  expect(notProvable('linux/loong64')).toEqual({
    code: 'platform-not-runnable',
    severity: 'error',
    subject: { platform: 'linux/loong64' },
    message: 'linux/loong64 cannot be tested here: there is no program to prove that it runs.',
    remedy: 'Remove the platform from the configuration.',
  });
});
