import type { PlannedTest, TestResult } from '../../evidence/index.js';
import { killed, NO_MEMORY, notExecutable } from '../causes.js';
import { insideLine } from '../container.js';
import type { Ending, TestJudgement } from '../ending.js';
import { runInside } from './command.js';
import { type ReportedResult, type TestRunner, testMessage } from './kind.js';

/** How long a program without a test of its own is watched, in milliseconds. */
const WATCH = 5_000;

function judge(_test: PlannedTest, ending: Ending): TestJudgement {
  if (ending.notStarted !== undefined) return notExecutable(ending.notStarted);
  const { exitCode, outOfMemory } = ending;
  if (exitCode === 126 || exitCode === 127) return notExecutable(`exit ${exitCode}`);
  if (outOfMemory) return { outcome: 'failed', checks: [], cause: 'memory', reason: NO_MEMORY };
  const fallen = killed(ending);
  return { outcome: fallen === undefined ? 'passed' : 'failed', checks: [], ...fallen };
}

function endingOf({ exitCode }: TestResult): string {
  if (exitCode === undefined) return 'it was still running';
  return `it ended ${exitCode === 0 ? '' : 'at once '}with exit ${exitCode}`;
}

function report(result: TestResult): ReportedResult | undefined {
  const { outcome, cause, reason = 'failed' } = result;
  if (outcome === 'passed') {
    const message = `No test is defined for this platform; its program was only started: ${endingOf(result)}.`;
    return { code: 'started-only', message };
  }
  if (outcome !== 'failed') return undefined;
  if (cause === 'not-executable') return { code: 'cannot-execute', message: testMessage(result) };
  return {
    code: 'program-killed',
    message: `The image's own program, started without a test: ${reason}`,
  };
}

/** The image's own program, of which nothing is known but that it should not fail at once. */
export const start: TestRunner = {
  line: insideLine,
  run: (test, order, timeout, tools) => runInside(test, order, Math.min(timeout, WATCH), tools),
  judge,
  doubtsPasses: true,
  expectedExitCode: () => undefined,
  report,
};
