import { describe, expect, test } from '@jest/globals';
import type { TestResult } from '../../src/evidence/index.js';
import { testFinding } from '../../src/test/findings.js';
import { output, testResult } from '../evidence/sample.js';

test('a failed test is repeated with a command that can be typed', () => {
  const result = testResult({ outcome: 'failed', exitCode: 1, reason: 'exit 1, expected 0' });
  expect(testFinding('bad', 'linux/amd64', result)).toMatchObject({
    code: 'test-failed',
    location: { file: 'sea-trial.yml', line: 7, column: 9 },
    remedy: 'Run it again on this platform alone with --only bad@linux/amd64.',
  });
});

describe('a program without a test', () => {
  const starts = (more: Partial<TestResult>) =>
    testFinding('x', 'linux/amd64', testResult({ name: 'starts', kind: 'start', ...more }));
  const ended = 'No test is defined for this platform; its program was only started: it';

  test.each<[string, Partial<TestResult>, string, string, string]>([
    [
      'that dies by a signal is an error',
      { outcome: 'failed', cause: 'signal', reason: 'killed by SIGSEGV (exit 139)', exitCode: 139 },
      'program-killed',
      'error',
      "The image's own program, started without a test: killed by SIGSEGV (exit 139)",
    ],
    [
      'that is killed for want of memory is one, too',
      { outcome: 'failed', cause: 'memory', reason: 'was ended because …', exitCode: 137 },
      'program-killed',
      'error',
      "The image's own program, started without a test: was ended because …",
    ],
    [
      'that ends at once with another code is a warning with it',
      { exitCode: 7 },
      'started-only',
      'warning',
      `${ended} ended at once with exit 7.`,
    ],
    ['that ends well', { exitCode: 0 }, 'started-only', 'warning', `${ended} ended with exit 0.`],
  ])('%s', (_, more, code, severity, message) => {
    expect(starts(more)).toMatchObject({ code, severity, message });
  });

  test('that ends at once with another code shows what it said', () => {
    const stderr = { text: 'no port\n', bytes: 8, truncated: false };
    expect(starts({ exitCode: 7, stderr })).toMatchObject({ detail: ['no port'] });
    expect(starts({ exitCode: 0, stderr })).not.toHaveProperty('detail');
    const nothing = { text: '', bytes: 0, truncated: false };
    expect(starts({ exitCode: 7, stdout: nothing })).toMatchObject({ detail: [] });
  });
});

describe('what a test comes to is a finding', () => {
  const told = (more: Partial<TestResult>) => {
    const { location: _, ...result } = testResult({ checks: [], ...more });
    return testFinding('greeter', 'linux/amd64', result);
  };
  const subject = { image: 'greeter', platform: 'linux/amd64', test: 'says its version' };

  test.each(['command', 'host'] as const)('none where it passed or was not run: %s', (kind) => {
    expect(told({ kind, outcome: 'passed' })).toBeUndefined();
    expect(told({ kind, outcome: 'not-run', reason: 'the run was interrupted' })).toBeUndefined();
  });

  test('none for a program that was not started, either', () => {
    expect(told({ kind: 'start', outcome: 'not-run' })).toBeUndefined();
  });

  test.each<[TestResult['kind'], Partial<TestResult>, string, string]>([
    ['command', { outcome: 'failed', reason: 'exit 1' }, 'test-failed', 'exit 1'],
    ['host', { outcome: 'failed', reason: 'exit 1' }, 'test-failed', 'exit 1'],
    ['host', { outcome: 'failed' }, 'test-failed', 'failed'],
    ...(['command', 'host', 'start'] as const).flatMap(
      (kind): [TestResult['kind'], Partial<TestResult>, string, string][] => [
        [
          kind,
          { outcome: 'failed', cause: 'not-executable', reason: 'no such file' },
          'cannot-execute',
          'no such file',
        ],
        [
          kind,
          { outcome: 'errored', reason: 'the engine is gone' },
          'test-errored',
          'the engine is gone',
        ],
      ],
    ),
  ])('of a test of the kind %s: %j is %s', (kind, more, code, reason) => {
    const found = told({ kind, ...more });
    expect(found).toMatchObject({
      code,
      severity: 'error',
      subject,
      message: `test "says its version": ${reason}`,
    });
    expect(found?.remedy?.startsWith('Run it again on this platform alone')).toBe(
      code === 'test-failed',
    );
    expect(found).not.toHaveProperty('location');
    expect(found).not.toHaveProperty('found');
  });

  test('with both sides of the first check that failed', () => {
    const check = (what: 'stdout' | 'stderr', ok: boolean) => ({
      what,
      ok,
      expected: `/${what}/`,
      found: `no ${what}`,
    });
    const checks = [check('stdout', true), check('stderr', false)];
    expect(told({ outcome: 'failed', checks })).toMatchObject({
      found: { value: 'no stderr', from: 'stderr' },
      expected: { value: '/stderr/', from: 'stderr' },
    });
  });

  test('with the last twenty lines that it wrote, of stderr where there are any', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    const stdout = output(`${lines.join('\n')}\n\n`);
    const detail = (stderr: string) =>
      told({ outcome: 'failed', stdout, stderr: output(stderr) })?.detail;
    expect(detail(' \n')).toEqual(lines.slice(-20));
    expect(detail('  one\ntwo\n')).toEqual(['  one', 'two']);
    const blank = output(' \n\n');
    expect(told({ outcome: 'failed', stdout: blank, stderr: blank })?.detail).toEqual([]);
  });
});

describe('what to do about a program that could not be executed', () => {
  const remedyOf = (
    reason: string,
    more: Partial<TestResult> = {},
    test?: Parameters<typeof testFinding>[3],
  ) => {
    const words = `could not be executed: ${reason}`;
    const cause = 'not-executable';
    const result = testResult({ outcome: 'failed', cause, reason: words, ...more });
    return testFinding('greeter', 'linux/amd64', result, test)?.remedy;
  };
  const general = remedyOf('exec: "nope": executable file not found in $PATH');

  test.each<[string, string, { user?: string } | undefined, string]>([
    [
      'the image sets',
      'unable to find user nonroot: no matching entries in passwd file',
      {},
      'Create the user "nonroot" in the image, or change USER, which names it; a number needs no entry in /etc/passwd.',
    ],
    [
      'the test sets',
      'unable to find user app: no matching entries in passwd file',
      { user: 'app' },
      'Create the user "app" in the image, or change "user" of the test, which names it; a number needs no entry in /etc/passwd.',
    ],
    [
      'the test sets with a group',
      'unable to find group web: no matching entries in group file',
      { user: '0:web' },
      'Create the group "web" in the image, or change "user" of the test, which names it; a number needs no entry in /etc/group.',
    ],
  ])('for a user that %s', (_, reason, test, remedy) => {
    expect(remedyOf(reason, {}, test)).toBe(remedy);
  });

  const oneWord = (program: string, where: string) =>
    `"${program}" is one word with a blank in it, the name of a single program: give each argument a word of its own in ${where}, as in ["/greeter", "--version"].`;
  test.each<[string, string, Partial<TestResult>, string]>([
    [
      'of a test',
      'exec: "pilot --version": executable file not found in $PATH',
      { executed: ['pilot --version'] },
      oneWord('pilot --version', 'the list'),
    ],
    [
      'of the image',
      'exec: "pilot --version": stat pilot --version: no such file or directory',
      { kind: 'start' },
      oneWord('pilot --version', 'ENTRYPOINT or CMD'),
    ],
    [
      'of a test on the host',
      'pilot --version: ENOENT',
      { kind: 'host', executed: ['pilot --version'] },
      oneWord('pilot --version', 'the list'),
    ],
    [
      'with quotes',
      'exec: "sh -c \\"a b\\"": executable file not found in $PATH',
      { executed: ['sh -c "a b"'] },
      oneWord('sh -c \\"a b\\"', 'the list'),
    ],
  ])('for a program and its arguments in one word, %s', (_, reason, more, remedy) => {
    expect(remedyOf(reason, more)).toBe(remedy);
  });

  const BIT = 'Set the x bit of /noexec: COPY --chmod=0755, or chmod +x in the step that makes it.';
  test.each<[string, string, Partial<TestResult>, string]>([
    ['by the runtime', 'exec: "/noexec": permission denied', {}, BIT],
    ['by the container', 'exec /noexec: permission denied', {}, BIT],
    [
      'by the system, on the host',
      './noexec: EACCES',
      { kind: 'host', executed: ['./noexec'] },
      'Set the x bit of ./noexec: chmod +x.',
    ],
  ])('for a program that may not be executed, said %s', (_, reason, more, remedy) => {
    expect(remedyOf(reason, more)).toBe(remedy);
  });

  test.each([
    'exec: "/": is a directory: permission denied',
    'exec /app: exec format error',
    'exit 126',
    'exec: "my tool": exec format error',
  ])('in general, for %s', (reason) => {
    expect(general).toContain('ENTRYPOINT');
    expect(remedyOf(reason)).toBe(general);
  });

  test('not of a test that failed and only writes so', () => {
    const reason = 'unable to find user x: y';
    expect(remedyOf('', { cause: 'exit-code', reason })).toContain('Run it again');
  });
});
