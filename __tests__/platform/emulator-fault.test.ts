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

  test.each([
    'qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n',
    'sh: qemu: not found',
    'ERROR: qemu is missing',
    'fatal: not a git repository',
  ])('not %j', (text) => {
    expect(emulatorFault(text)).toBeUndefined();
  });
});
