import { describe, expect, test } from '@jest/globals';
import type { TestResult } from '../../src/evidence/index.js';
import { testFinding } from '../../src/test/findings.js';
import { testResult } from '../evidence/sample.js';

test('a failed test is repeated with a command that can be typed', () => {
  const result = testResult({ outcome: 'failed', exitCode: 1, reason: 'exit 1, expected 0' });
  expect(testFinding('bad', 'linux/amd64', result)).toMatchObject({
    code: 'test-failed',
    location: { file: 'sea-trial.yml', line: 7, column: 9 },
    remedy: 'Repeat it on this platform alone with --only bad@linux/amd64.',
  });
});

describe('a program without a test', () => {
  const starts = (more: Partial<TestResult>) =>
    testFinding('x', 'linux/amd64', testResult({ name: 'starts', kind: 'start', ...more }));
  const ended =
    'No test is written for this platform; its program was started and nothing more: it';

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
