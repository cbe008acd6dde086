import { describe, expect, test } from '@jest/globals';
import { createRedactor, type PlannedTest, type Redactor } from '../../src/evidence/index.js';
import type { Ending } from '../../src/test/ending.js';
import { judgeTest as judgeTimed } from '../../src/test/judge.js';
import { plannedTest } from '../plans.js';

const none = createRedactor();

const judgeTest = (
  planned: PlannedTest,
  ended: Ending,
  timeout: number,
  redactor: Pick<Redactor, 'text'>,
) => {
  const limit = { milliseconds: timeout, why: 'under emulation' };
  return judgeTimed(planned, ended, limit, { redactor, clock: { ticks: () => 0 } });
};

const output = (text: string) => ({ text, bytes: Buffer.byteLength(text), truncated: false });

function ending(more: Partial<Ending> = {}): Ending {
  return {
    exitCode: 0,
    timedOut: false,
    outOfMemory: false,
    stdout: output(''),
    stderr: output(''),
    ...more,
  };
}

const says = plannedTest({ stdout: '^greeter 1\\.2\\.3' });

describe('a test is judged by how its program ended', () => {
  test.each([
    ['as expected', says, ending({ stdout: output('greeter 1.2.3\n') }), 'passed', undefined],
    [
      'another exit code',
      says,
      ending({ exitCode: 1, stdout: output('greeter 1.2.3') }),
      'failed',
      'exit 1, expected 0',
    ],
    [
      'a signal',
      plannedTest(),
      ending({ exitCode: 139, signal: 'SIGSEGV' }),
      'failed',
      'killed by SIGSEGV (exit 139)',
    ],
    [
      'a signal, of which only an emulator tells',
      says,
      ending({ timedOut: true, signal: 'SIGSEGV' }),
      'failed',
      'killed by SIGSEGV',
    ],
    [
      'a signal, without an exit code',
      plannedTest(),
      {
        timedOut: false,
        outOfMemory: false,
        stdout: output(''),
        stderr: output(''),
        signal: 'SIGKILL',
      },
      'failed',
      'killed by SIGKILL',
    ],
    [
      'the exit code of a signal, which the test expects',
      plannedTest({ exitCode: 139 }),
      ending({ exitCode: 139, signal: 'SIGSEGV' }),
      'passed',
      undefined,
    ],
    [
      'another output',
      says,
      ending({ stdout: output('greeter 2') }),
      'failed',
      'stdout does not match /^greeter 1\\.2\\.3/',
    ],
    [
      'an output whose beginning was cut off, so that nobody knows how it began',
      says,
      ending({ stdout: { ...output('greeter 1.2.3\n'), truncated: true } }),
      'failed',
      'stdout does not match /^greeter 1\\.2\\.3/',
    ],
    [
      'a line of an output whose beginning was cut off',
      plannedTest({ stdout: '(?m)^sum 12$' }),
      ending({ stdout: { ...output('half a line\nsum 12\n'), truncated: true } }),
      'passed',
      undefined,
    ],
    [
      'half a line where an output was cut',
      plannedTest({ stdout: '(?m)^half' }),
      ending({ stdout: { ...output('half a line\nsum 12\n'), truncated: true } }),
      'failed',
      'stdout does not match /(?m)^half/',
    ],
    [
      'the end of one line that is longer than what was kept of it',
      plannedTest({ stdout: 'end$' }),
      ending({ stdout: { ...output('no line end and then the end\n'), truncated: true } }),
      'passed',
      undefined,
    ],
    [
      'both wrong, both said',
      plannedTest({ stderr: 'ok', exitCode: 3 }),
      ending({ exitCode: 1 }),
      'failed',
      'exit 1, expected 3; stderr does not match /ok/',
    ],
    [
      'too slow',
      plannedTest({ timeout: 2000 }),
      ending({ timedOut: true }),
      'failed',
      'did not end within 2 s (timeout: 2s)',
    ],
    [
      'out of memory',
      plannedTest(),
      ending({ exitCode: 137, outOfMemory: true }),
      'failed',
      'was killed because it needed more memory than was available',
    ],
    [
      'not started',
      plannedTest({ run: { exec: ['x'] } }),
      ending({ notStarted: 'exec: "x": not found' }),
      'failed',
      'could not be executed: exec: "x": not found',
    ],
    [
      'no shell for a text',
      plannedTest(),
      ending({ notStarted: 'exec: "/bin/sh": stat /bin/sh: no such file or directory' }),
      'failed',
      'could not be executed: exec: "/bin/sh": stat /bin/sh: no such file or directory; a test written as text needs a shell in the image, one written as a list in JSON (["/greeter", "--version"]) does not',
    ],
    ...[126, 127].map(
      (exitCode) =>
        [
          `only started, by a shell that cannot execute it (${exitCode})`,
          plannedTest({ kind: 'start' }),
          ending({ exitCode }),
          'failed',
          `could not be executed: exit ${exitCode}`,
        ] as const,
    ),
    ...[125, 128].map(
      (exitCode) =>
        [
          `only started, with the exit code ${exitCode} of its own`,
          plannedTest({ kind: 'start' }),
          ending({ exitCode }),
          'passed',
          undefined,
        ] as const,
    ),
    [
      'only started, without enough memory',
      plannedTest({ kind: 'start' }),
      ending({ exitCode: 137, outOfMemory: true }),
      'failed',
      'was killed because it needed more memory than was available',
    ],
    [
      'only started, and what it is cannot be executed',
      plannedTest({ kind: 'start' }),
      ending({ exitCode: 255, notStarted: 'exec /app: exec format error' }),
      'failed',
      'could not be executed: exec /app: exec format error',
    ],
    [
      'only started, whatever exit code is written for it',
      plannedTest({ kind: 'start', exitCode: 3 }),
      ending({ exitCode: 0 }),
      'passed',
      undefined,
    ],
    [
      'only started, any exit',
      plannedTest({ kind: 'start' }),
      ending({ exitCode: 7 }),
      'passed',
      undefined,
    ],
    [
      'only started, still running',
      plannedTest({ kind: 'start' }),
      ending({ timedOut: true }),
      'passed',
      undefined,
    ],
    [
      'only started, not found',
      plannedTest({ kind: 'start' }),
      ending({ exitCode: 127 }),
      'failed',
      'could not be executed: exit 127',
    ],
    [
      'only started, killed by a signal',
      plannedTest({ kind: 'start' }),
      ending({ exitCode: 139, signal: 'SIGSEGV' }),
      'failed',
      'killed by SIGSEGV (exit 139)',
    ],
    [
      'only started, killed for want of memory',
      plannedTest({ kind: 'start' }),
      ending({ exitCode: 137, signal: 'SIGKILL', outOfMemory: true }),
      'failed',
      'was killed because it needed more memory than was available',
    ],
    [
      'only started, still running as it seems, and dead by the words of its emulator',
      plannedTest({ kind: 'start' }),
      ending({ timedOut: true, signal: 'SIGILL' }),
      'failed',
      'killed by SIGILL',
    ],
  ])('%s', (_, planned, ended, outcome, reason) => {
    const judged = judgeTest(planned, ended, planned.timeout, none);
    expect({ outcome: judged.outcome, reason: judged.reason }).toEqual({ outcome, reason });
  });

  test.each(['command', 'host', 'start'] as const)(
    'what could not be executed was not checked: %s',
    (kind) => {
      const planned = plannedTest({ kind, stdout: 'x' });
      expect(judgeTest(planned, ending({ notStarted: 'no' }), 1, none)).toEqual({
        outcome: 'failed',
        checks: [],
        cause: 'not-executable',
        reason: 'could not be executed: no',
      });
    },
  );

  test('a limit that emulation made longer is said with what was written', () => {
    const planned = plannedTest({ timeout: 2000 });
    expect(judgeTest(planned, ending({ timedOut: true }), 8000, none).reason).toBe(
      'did not end within 8 s (timeout: 2s, times 4 under emulation)',
    );
  });

  test.each([
    ['^x86_64$', 'x86_64\n', 'passed'],
    ['^x86_64\\n$', 'x86_64\n', 'passed'],
    ['^x86_64$', 'x86_64\n\n', 'failed'],
    ['^one$', 'one\ntwo\n', 'failed'],
  ])('%s on %j: the end is also before the last line end', (stdout, text, outcome) => {
    const planned = plannedTest({ stdout });
    expect(judgeTest(planned, ending({ stdout: output(text) }), 1, none).outcome).toBe(outcome);
  });

  test.each([
    ['ok \r\n', 'ok\\x20\\r'],
    ['\u001b[32mok\u001b[0m\n', '\\x1b[32mok\\x1b[0m'],
    ['ok   \n', 'ok\\x20\\x20\\x20'],
    ['ok\n\n', 'ok\\n'],
    ['\n', 'nothing'],
    [`${'x'.repeat(5)}🚢${'y'.repeat(398)}z`, `${'y'.repeat(398)}z`],
  ])('^ok$ on %j: what keeps it from matching is seen in what was found', (text, found) => {
    const planned = plannedTest({ stdout: '^ok$' });
    const { outcome, checks } = judgeTest(planned, ending({ stdout: output(text) }), 1, none);
    expect([outcome, checks[0]?.found]).toEqual(['failed', found]);
  });

  test("patterns are Go's: what JavaScript reads otherwise", () => {
    const planned = plannedTest({ stdout: '(?i)\\AHELLO [[:digit:]]+\\z' });
    expect(judgeTest(planned, ending({ stdout: output('hello 42') }), 1, none).outcome).toBe(
      'passed',
    );
  });
});

test('patterns see a secret, and nobody is shown it', () => {
  const redactor = createRedactor();
  redactor.learn('a-secret-word');
  const planned = plannedTest({ stdout: 'is a-secret-word$' });
  const { outcome, checks } = judgeTest(
    planned,
    ending({ stdout: output('it is a-secret-word') }),
    1,
    redactor,
  );
  expect([outcome, checks[0]?.found]).toEqual(['passed', 'it is ***']);
  const long = `${'x'.repeat(400)} a-secret-word${' '.repeat(3)}${'y'.repeat(394)}`;
  const cut = judgeTest(planned, ending({ stdout: output(long) }), 1, redactor);
  expect(cut.checks[0]?.found).not.toContain('word');
});

test('a pattern that is searched for too long has not matched, and that is said', () => {
  let now = 0;
  const tools = { redactor: none, clock: { ticks: () => (now += 1000) } };
  const planned = plannedTest({ stdout: '(?:[xw]?){500}[xw]{500}[yz]' });
  const ended = ending({ stdout: output('xw'.repeat(10_000)) });
  expect(judgeTimed(planned, ended, { milliseconds: 1, why: '' }, tools)).toMatchObject({
    outcome: 'failed',
    cause: 'output',
    checks: [{ what: 'stdout', ok: false }],
    reason:
      'stdout could not be searched: /(?:[xw]?){500}[xw]{500}[yz]/ took longer than 2 s; write a simpler pattern or print less',
  });
});

describe('an emulator that has failed itself', () => {
  const emulatorFault = 'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}';
  const reason = `the emulator failed, which says nothing about the image: ${emulatorFault}`;
  const start = plannedTest({ kind: 'start' });

  test.each<[string, PlannedTest, Partial<Ending>, string]>([
    ['a test that failed', says, { exitCode: 1 }, 'errored'],
    ['a test that was killed', says, { exitCode: 139, signal: 'SIGSEGV' }, 'errored'],
    ['a test that never ended', says, { timedOut: true }, 'errored'],
    ['a program that was only started', start, { exitCode: 139, signal: 'SIGSEGV' }, 'errored'],
    ['one that seems to run', start, { timedOut: true }, 'errored'],
    ['a test that has seen what it expects', says, { stdout: output('greeter 1.2.3') }, 'passed'],
  ])('%s', (_, planned, more, outcome) => {
    const judged = judgeTest(planned, ending({ ...more, emulatorFault }), 1, none);
    expect(judged.outcome).toBe(outcome);
    if (outcome === 'errored') expect(judged).toMatchObject({ cause: 'environment', reason });
  });
});
