import { describe, expect, test } from '@jest/globals';
import { finding, type TestResult } from '../../src/evidence/index.js';
import { recheckEmulator } from '../../src/pipeline/recheck-emulator.js';
import { output, testResult } from '../evidence/sample.js';

const PLACE = { image: 'a', platform: 'linux/loong64' };

const result = (name: string, more: Partial<TestResult>) =>
  testResult({ name, outcome: 'failed', ...more });

const tried = {
  tests: [
    result('is started', { reason: 'could not be executed: exec /a: exec format error' }),
    result('in a shell', { reason: 'exit 126', stderr: output('sh: /a: Exec format error\n') }),
    result('of its own', { reason: 'exit 1, expected 0' }),
    result('passed', { outcome: 'passed', stdout: output('exec format error') }),
  ],
  findings: ['is started', 'in a shell', 'of its own'].map((name) =>
    finding('test-failed', { ...PLACE, test: name }, `test "${name}": failed`),
  ),
};

const outcomes = ({ tests }: typeof tried) => tests.map(({ outcome }) => outcome);

test('what an emulator that is gone may have said is not held against the image', async () => {
  const lost = finding('platform-not-runnable', PLACE, 'linux/loong64 cannot be run here: gone.');
  const judged = await recheckEmulator(tried, PLACE, async () => ({ lost }));
  expect(outcomes(judged)).toEqual(['errored', 'errored', 'failed', 'passed']);
  expect(judged.findings.map(({ code, subject }) => [code, subject.test])).toEqual([
    ['test-failed', 'of its own'],
    ['test-errored', 'is started'],
    ['test-errored', 'in a shell'],
  ]);
  expect(judged.findings[1]?.message).toBe(
    'test "is started": linux/loong64 was verified to run here and no longer does: linux/loong64 cannot be run here: gone.',
  );
});

test('where the platform still runs it is the image that cannot be executed', async () => {
  expect(await recheckEmulator(tried, PLACE, async () => ({}))).toEqual(tried);
});

test('nobody looks again for what no emulator says', async () => {
  const own = { ...tried, tests: tried.tests.slice(2) };
  const look = () => Promise.reject(new Error('it looked'));
  expect(await recheckEmulator(own, PLACE, look)).toBe(own);
});

describe('a program that died by a signal under emulation', () => {
  const died = (kind: TestResult['kind'], name: string) =>
    result(name, {
      kind,
      cause: 'signal',
      signal: 'SIGSEGV',
      reason: 'killed by SIGSEGV (exit 139)',
    });
  test('is not told with an emulator where it was not emulated', async () => {
    const program = { path: '/bin/sh', architecture: 'amd64', emulated: false };
    const native = { tests: [{ ...died('command', 'works'), program }], findings: [] };
    expect(await recheckEmulator(native, PLACE, async () => ({ emulator: 'x' }))).toEqual(native);
  });

  const crashed = {
    tests: [
      died('start', 'starts'),
      died('command', 'works'),
      died('host', 'on the host'),
      result('hangs', { cause: 'time-limit', reason: 'did not end within 8 s' }),
    ],
    findings: ['starts', 'works', 'on the host', 'hangs'].map((name) =>
      finding('test-failed', { ...PLACE, test: name }, `test "${name}": as it was`),
    ),
  };
  const note = finding('lines-go-on', { ...PLACE, test: 'works' }, 'a note');

  test.each([
    ['qemu-loongarch64 10.2.3', 'qemu-loongarch64 10.2.3'],
    [undefined, 'emulation'],
  ])('is told with the emulator that ran it: %s', async (emulator, words) => {
    const reproof = emulator === undefined ? {} : { emulator };
    const all = { ...crashed, findings: [...crashed.findings, note] };
    const judged = await recheckEmulator(all, PLACE, async () => reproof);
    const reason = `killed by SIGSEGV under ${words}; the cause is the program or the emulator, which a native runner would show`;
    expect(judged.tests.map((test) => test.reason)).toEqual([
      reason,
      reason,
      'killed by SIGSEGV (exit 139)',
      'did not end within 8 s',
    ]);
    expect(outcomes(judged)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(judged.findings.map(({ code, message }) => [code, message])).toEqual([
      ['test-failed', 'test "on the host": as it was'],
      ['test-failed', 'test "hangs": as it was'],
      ['lines-go-on', 'a note'],
      ['program-killed', `The image's own program, started without a test: ${reason}`],
      ['test-failed', `test "works": ${reason}`],
    ]);
  });

  test('is not held against the image where the proof fails when it is repeated', async () => {
    const lost = finding('platform-not-runnable', PLACE, 'it crashed.', { detail: ['x'] });
    const judged = await recheckEmulator(crashed, PLACE, async () => ({ lost }));
    expect(outcomes(judged)).toEqual(['errored', 'errored', 'failed', 'errored']);
    expect(judged.findings.slice(1)).toMatchObject([
      { code: 'test-errored', subject: { test: 'starts' }, detail: ['x'], remedy: lost.remedy },
      { code: 'test-errored', subject: { test: 'works' } },
      { code: 'test-errored', subject: { test: 'hangs' } },
    ]);
  });
});
