import { describe, expect, test } from '@jest/globals';
import { judge, type ProofOutput } from '../../src/emulation/judge-proof.js';

const ARM64 = [
  'machine arm64',
  'uname aarch64',
  'name sea-trial-again',
  'exe /usr/bin/qemu-aarch64',
  'exit 042',
];

/** What an engine gave, with the lines of the program and the rest as it is when all is well. */
function output(lines: readonly string[], more: Partial<ProofOutput> = {}): ProofOutput {
  const stdout = lines.map((line) => `${line}\n`).join('');
  return { stdout, stderr: '', exitCode: 23, error: '', hung: false, ...more };
}

function replaced(line: string, by: readonly string[]): readonly string[] {
  return ARM64.flatMap((each) => (each.startsWith(`${line} `) ? by : [each]));
}

describe('judge', () => {
  test.each([
    ['under an emulator', ARM64, '/usr/bin/qemu-aarch64'],
    ['natively', replaced('exe', ['exe /proof']), '/proof'],
    ['where pid 1 is hidden', replaced('exe', []), undefined],
  ])('takes a program that ran %s', (_, lines, executed) => {
    expect(judge('linux/arm64', output(lines))).toEqual({
      proved: true,
      machine: 'aarch64',
      executed,
    });
  });

  test.each([
    ['openat2 000', undefined],
    ['openat2 038', 38],
    ['openat2 089', 89],
  ])('takes a program that says "%s", and remembers an error', (line, openat2) => {
    const lines = [...ARM64.slice(0, 2), line, ...ARM64.slice(2)];
    const proof = { proved: true, machine: 'aarch64', executed: '/usr/bin/qemu-aarch64' };
    expect(judge('linux/arm64', output(lines))).toEqual({
      ...proof,
      ...(openat2 === undefined ? {} : { openat2 }),
    });
  });

  test.each([
    ['linux/386', 'machine 386', 'uname x86_64'],
    ['linux/amd64/v3', 'machine amd64', 'uname x86_64'],
    ['linux/arm/v5', 'machine arm/v5', 'uname armv7l'],
    ['linux/arm/v7', 'machine arm/v7', 'uname armv8l'],
    ['linux/arm/v7', 'machine arm/v7', 'uname aarch64'],
    ['linux/loong64', 'machine loong64', 'uname loongarch64'],
    ['linux/mips64', 'machine mips64', 'uname mips64'],
    ['linux/mips64le', 'machine mips64le', 'uname mips64'],
    ['linux/ppc64le', 'machine ppc64le', 'uname ppc64le'],
    ['linux/riscv64', 'machine riscv64', 'uname riscv64'],
    ['linux/s390x', 'machine s390x', 'uname s390x'],
  ])('takes for %s what says "%s" and "%s"', (platform, machine, uname) => {
    const lines = [machine, uname, ...ARM64.slice(2)];
    expect(judge(platform, output(lines)).proved).toBe(true);
  });

  // The words of the engine and of QEMU were seen on Docker 28.5 with QEMU 11.1.
  test.each<[string, ProofOutput, string, string, string]>([
    [
      'no handler',
      output([], { exitCode: 1, stderr: 'exec /proof: exec format error\n' }),
      'no-handler',
      'exec format error',
      'the program runs',
    ],
    [
      'no handler, as older engines put it',
      output([], {
        exitCode: 127,
        error: 'failed to create shim task: exec: "/proof": exec format error: unknown',
      }),
      'no-handler',
      'exec format error',
      'the program runs',
    ],
    [
      'a handler without F',
      output([], { exitCode: 1, stderr: 'exec /proof: no such file or directory\n' }),
      'outside-container',
      'no such file or directory',
      'the program runs',
    ],
    [
      'a handler without P',
      output(replaced('name', ['name /proof'])),
      'name-lost',
      '/proof',
      'sea-trial-again',
    ],
    [
      'an empty name',
      output(replaced('name', ['name '])),
      'name-lost',
      'nothing',
      'sea-trial-again',
    ],
    [
      "another architecture's emulator",
      output([], {
        exitCode: 255,
        stderr: 'qemu-x86_64: /proof: Invalid ELF image for this architecture\n',
      }),
      'wrong-machine',
      'an emulator for another architecture',
      'its own emulator',
    ],
    [
      'another machine',
      output(replaced('uname', ['uname riscv64'])),
      'wrong-machine',
      'riscv64',
      'aarch64',
    ],
    [
      'a machine of several that it could be',
      { ...output(['machine arm', 'uname x', ...ARM64.slice(2)]) },
      'wrong-machine',
      'arm',
      'arm64',
    ],
    ['no machine', output(replaced('uname', [])), 'wrong-machine', 'nothing', 'aarch64'],
    [
      'a program of another architecture',
      output(replaced('machine', ['machine s390x'])),
      'wrong-machine',
      's390x',
      'arm64',
    ],
    [
      'no second start',
      output(['machine arm64', 'uname aarch64', 'exit 043']),
      'not-again',
      'exit status 043 and no name',
      'sea-trial-again',
    ],
    [
      'no process at all for a second start',
      output(['machine arm64', 'uname aarch64']),
      'not-again',
      'exit status none and no name',
      'sea-trial-again',
    ],
    [
      "a second process's exit status that is lost",
      output(replaced('exit', ['exit 000'])),
      'status-lost',
      '000 and 23',
      '042 and 23',
    ],
    [
      'an exit status that is lost',
      output(ARM64, { exitCode: 0 }),
      'status-lost',
      '042 and 0',
      '042 and 23',
    ],
    [
      'a second process that crashes',
      output(replaced('exit', ['signal 011'])),
      'crashed',
      'signal 11, segmentation fault',
      'an exit',
    ],
    [
      'a crash after the first lines',
      output(ARM64.slice(0, 2), { exitCode: 139 }),
      'crashed',
      'signal 11, segmentation fault',
      'an exit',
    ],
    [
      'a crash before anything',
      output([], { exitCode: 132, stderr: 'qemu: uncaught target signal 4' }),
      'crashed',
      'signal 4, illegal instruction',
      'the program runs',
    ],
    [
      'a signal without a name of its own',
      output([], { exitCode: 128 + 33 }),
      'crashed',
      'signal 33',
      'the program runs',
    ],
    [
      'the highest signal',
      output([], { exitCode: 128 + 64 }),
      'crashed',
      'signal 64',
      'the program runs',
    ],
    [
      'a status above all signals',
      output([], { exitCode: 128 + 65, stderr: `first\n${'x'.repeat(301)}\n` }),
      'not-started',
      'x'.repeat(300),
      'the program runs',
    ],
    [
      'no end',
      output(ARM64, { hung: true, exitCode: 137 }),
      'hung',
      'no end within the time limit',
      'an end',
    ],
    [
      'a refusal',
      output([], { exitCode: 126, error: 'some words\nexec: "/proof": permission denied' }),
      'not-started',
      'exec: "/proof": permission denied',
      'the program runs',
    ],
    [
      'silence',
      output([], { exitCode: 255 }),
      'not-started',
      'exit status 255 and no output',
      'the program runs',
    ],
  ])('names %s', (_, said, fault, found, expected) => {
    expect(judge('linux/arm64', said)).toEqual({ proved: false, fault, found, expected });
  });

  test('names all machines that it could be', () => {
    const lines = ['machine arm/v7', 'uname mips', ...ARM64.slice(2)];
    expect(judge('linux/arm/v7', output(lines))).toMatchObject({
      fault: 'wrong-machine',
      found: 'mips',
      expected: 'armv5tel or armv5tejl or armv6l or armv7l or armv8l or aarch64',
    });
  });

  test('takes words with spaces whole, and none that is too long', () => {
    const named = (name: string) =>
      judge('linux/arm64', output(replaced('name', [`name ${name}`])));
    expect(named('a b  c')).toMatchObject({ fault: 'name-lost', found: 'a b  c' });
    expect(named('x'.repeat(300))).toMatchObject({ found: 'x'.repeat(300) });
    expect(named('x'.repeat(301))).toMatchObject({ fault: 'not-again' });
  });

  test('takes the first line of a kind and only printable ones', () => {
    const lines = ['name \u001b[31mred', ...ARM64, 'name other', 'exit 001', '::set-output'];
    expect(judge('linux/arm64', output(lines)).proved).toBe(true);
  });
});
