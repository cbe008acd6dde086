import {
  INTERRUPTED,
  type PlannedTest,
  type Redactor,
  type TestResult,
} from '../evidence/index.js';
import type { CapturedOutput } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { Ending, JudgeTools, TimeLimit } from './ending.js';
import { judgeTest } from './judge.js';
import { kinds } from './kinds/index.js';

/** Bytes of each output that the evidence keeps, from its end. */
const KEPT = 64 * 1024;

/** The end of a text in UTF-8, at most so many bytes, with no character cut in two. */
function lastBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  let from = Math.max(0, bytes.length - limit);
  // 10xxxxxx goes on with a character that began before.
  while (from > 0 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return bytes.toString('utf8', from);
}

function kept(output: CapturedOutput, redactor: Pick<Redactor, 'text'>): TestResult['stdout'] {
  const whole = redactor.text(output.text, output.truncated);
  const text = lastBytes(whole, KEPT);
  return {
    text,
    bytes: output.bytes,
    truncated: output.truncated || text.length < whole.length,
  };
}

const NO_OUTPUT: TestResult['stdout'] = { text: '', bytes: 0, truncated: false };

function skeleton(test: PlannedTest) {
  return {
    name: test.name,
    kind: test.kind,
    ...defined({ location: test.location }),
    duration: 0,
    checks: [],
    stdout: NO_OUTPUT,
    stderr: NO_OUTPUT,
  };
}

/** A test that the run's interruption kept from being run, or to its end. */
export function interruptedResult(test: PlannedTest, duration = 0): TestResult {
  return { ...skeleton(test), outcome: 'not-run', reason: INTERRUPTED, duration };
}

/** A test that the surroundings kept from being run. */
export function erroredResult(
  test: PlannedTest,
  reason: string,
  started: string,
  duration: number,
): TestResult {
  const told = { reason, started, duration } as const;
  return { ...skeleton(test), outcome: 'errored', cause: 'environment', ...told };
}

/** A test by how its program ended. */
export function resultOf(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
  tools: JudgeTools,
): Omit<TestResult, 'duration'> {
  return {
    ...skeleton(test),
    ...judgeTest(test, ending, limit, tools),
    ...defined({
      exitCode: ending.exitCode,
      signal: ending.signal,
      expectedExitCode: kinds[test.kind].expectedExitCode(test),
    }),
    stdout: kept(ending.stdout, tools.redactor),
    stderr: kept(ending.stderr, tools.redactor),
  };
}
