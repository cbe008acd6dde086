import { describe, expect, test } from '@jest/globals';
import { emulatedDeath, uncaughtSignal } from '../../src/test/emulator.js';

/** What QEMU 11.1.2 wrote. */
const SEGV = 'qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n';

describe('the signal that ended an emulated program', () => {
  test.each([
    [SEGV, 'SIGSEGV'],
    [`half a line${SEGV}`, 'SIGSEGV'],
    ['x\nqemu: uncaught target signal 4 (Illegal instruction) - exiting\n\n', 'SIGILL'],
    ['qemu: uncaught target signal 40 (Real-time signal 6) - core dumped', 'signal 40'],
    [`${SEGV}and something after it\n`, undefined],
    ['qemu: fatal: x\n', undefined],
    ['', undefined],
  ])('%j: %s', (text, signal) => {
    expect(uncaughtSignal(text)).toBe(signal);
  });
});

describe('an emulated program that has died in a container that goes on', () => {
  // As `ps -o blocked` shows it.
  test.each([
    ['waits with all signals but one blocked', ['fffffffe7ffbfaff'], 11],
    ['beside others', ['0000000000000000', 'fffffffe7ffbfedf'], 6],
    ['not one that blocks none', ['0000000000000000'], undefined],
    ['not one that blocks all', ['fffffffe7ffbfeff'], undefined],
    ['not one that blocks some', ['0000000000010000'], undefined],
    ['not one that waits for SIGUSR1 alone', ['fffffffe7ffbfcff'], undefined],
  ])('%s', async (_, masks, signal) => {
    const engine = { blockedSignals: async () => masks };
    expect(await emulatedDeath('c', engine).signal()).toBe(signal);
  });

  test('nothing is known where no process is listed', async () => {
    const engine = { blockedSignals: async () => [] };
    await expect(emulatedDeath('c', engine).signal()).rejects.toThrow('nothing is known');
  });

  test.each([
    [SEGV, true],
    ['qemu-arm: QEMU internal SIGBUS {code=ADRERR, addr=0x1}\n', true],
    [`${SEGV}more`, false],
  ])('its sign: %j, %s', (text, is) => {
    expect(emulatedDeath('c', { blockedSignals: async () => [] }).sign.test(text)).toBe(is);
  });
});
