import { expect, test } from '@jest/globals';
import { describeSignal, signalIn, signalName } from '../../src/platform/index.js';

test.each([
  [132, 'SIGILL'],
  [133, 'SIGTRAP'],
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [136, 'SIGFPE'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
  [141, 'SIGPIPE'],
  [143, 'SIGTERM'],
  [159, 'SIGSYS'],
  [0, undefined],
  [11, undefined],
  [126, undefined],
  [127, undefined],
  [128, undefined],
  // git's for wrong usage, and those of an interruption at the keyboard.
  [129, undefined],
  [130, undefined],
  [131, undefined],
  [255, undefined],
])('exit code %d tells of the signal %s', (code, signal) => {
  expect(signalIn(code)).toBe(signal);
});

test('a signal is named and described by its number, also one that is not known', () => {
  expect([signalName(11), describeSignal(11)]).toEqual([
    'SIGSEGV',
    'signal 11, segmentation fault',
  ]);
  expect([signalName(40), describeSignal(40)]).toEqual(['signal 40', 'signal 40']);
});
