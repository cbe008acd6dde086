import { describe, expect, test } from '@jest/globals';
import { emulatorFault } from '../../src/platform/index.js';

describe("an emulator's own fault", () => {
  test.each([
    'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}',
    'qemu: fatal: Trying to execute code outside RAM or ROM at 0x0000000000000000',
    'qemu: unhandled CPU exception 0x10003 - aborting',
    'qemu-s390x-static: ../tcg/tcg.c:3063: tcg fatal error',
    "qemu-arm: ../linux-user/syscall.c:100: do_syscall1: Assertion `x > 0' failed.",
    'ERROR:../accel/tcg/cpu-exec.c:954:cpu_exec: assertion failed: (cpu == current_cpu)',
  ])('%s', (line) => {
    expect(emulatorFault(`before\n${line}\nafter`)).toBe(line);
  });

  test('is cut off after 200 characters', () => {
    const line = `qemu: fatal: ${'x'.repeat(187)}`;
    expect(emulatorFault(` ${line}y`)).toBe(line);
  });

  test.each([
    'qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n',
    'sh: qemu: not found',
    'ERROR: qemu is missing',
    'fatal: not a git repository',
  ])('not %j', (text) => {
    expect(emulatorFault(text)).toBeUndefined();
  });
});

describe('the words of GNU tar where an emulator refuses its calls', () => {
  const words = 'Function not implemented';
  const line = 'tar: src/f: Cannot open: Function not implemented';

  test.each([
    line,
    '/usr/bin/tar: a b/c: Cannot mkdir: Function not implemented',
    'tar: f: Cannot open: function not implemented',
  ])('are a fault of the emulator: %s', (said) => {
    const text = `before\n${said}\r\ntar: Exiting with failure status`;
    expect(emulatorFault(text, words)).toBe(said);
    expect(emulatorFault(text)).toBeUndefined();
    expect(emulatorFault(text, 'Invalid argument')).toBeUndefined();
  });

  test.each([
    'tar: f: Cannot open: Permission denied',
    'cp: f: Cannot open: Function not implemented',
    'tar: f: Cannot open: Function not implemented, it says',
    'guitar: Cannot play: Function not implemented',
  ])('are none of: %s', (said) => {
    expect(emulatorFault(said, words)).toBeUndefined();
  });

  test('are read in lines of up to 2,000 characters', () => {
    const of = (length: number) => `tar: ${'f'.repeat(length - line.length + 5)}${line.slice(10)}`;
    expect(of(2000)).toHaveLength(2000);
    expect(emulatorFault(of(2000), words)).toBe(of(2000).slice(0, 200));
    expect(emulatorFault(of(2001), words)).toBeUndefined();
  });

  test('are none where they are not known', () => {
    expect(emulatorFault('tar: f: Cannot open: undefined')).toBeUndefined();
  });

  test('come behind those of the emulator itself', () => {
    const own = 'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}';
    expect(emulatorFault(`${line}\n${own}`, words)).toBe(own);
  });
});
