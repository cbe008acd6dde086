import { expect, test } from '@jest/globals';
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
