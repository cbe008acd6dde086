import { expect, test } from '@jest/globals';
import { finding, type TestResult } from '../../src/evidence/index.js';
import { lookAgain } from '../../src/pipeline/second-look.js';
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
  const judged = await lookAgain(tried, PLACE, async () => lost);
  expect(outcomes(judged)).toEqual(['errored', 'errored', 'failed', 'passed']);
  expect(judged.findings.map(({ code, subject }) => [code, subject.test])).toEqual([
    ['test-failed', 'of its own'],
    ['test-errored', 'is started'],
    ['test-errored', 'in a shell'],
  ]);
  expect(judged.findings[1]?.message).toBe(
    'test "is started": linux/loong64 was proved to run here and does not any more: linux/loong64 cannot be run here: gone.',
  );
});

test('where the platform still runs it is the image that cannot be executed', async () => {
  expect(await lookAgain(tried, PLACE, async () => undefined)).toBe(tried);
});

test('nobody looks again for what no emulator says', async () => {
  const own = { ...tried, tests: tried.tests.slice(2) };
  const look = () => Promise.reject(new Error('it looked'));
  expect(await lookAgain(own, PLACE, look)).toBe(own);
});
