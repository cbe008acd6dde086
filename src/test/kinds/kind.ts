import type { Code, PlannedTest, TestResult } from '../../evidence/index.js';
import type { CommandLine } from '../command-line.js';
import type { Ending, JudgeTools, TestJudgement, TimeLimit } from '../ending.js';
import type { TestOrder, TestTools } from '../order.js';

/** The code and the message of the finding that a test's result is. */
export interface ReportedResult {
  readonly code: Code;
  readonly message: string;
}

/** A kind of test: how it is run, judged and reported. What may be written of it stands in src/kinds/test. */
export interface TestRunner {
  /** What is executed for a test. */
  readonly line: (test: PlannedTest, order: TestOrder) => CommandLine;
  /** Runs a test for at most `timeout` milliseconds. Rejects with `EngineError`. */
  readonly run: (
    test: PlannedTest,
    order: TestOrder,
    timeout: number,
    tools: TestTools,
  ) => Promise<Ending>;
  readonly judge: (
    test: PlannedTest,
    ending: Ending,
    limit: TimeLimit,
    tools: JudgeTools,
  ) => TestJudgement;
  /** Whether an emulator that failed makes a result doubtful that is otherwise a pass. */
  readonly doubtsPasses: boolean;
  /** The exit code that a test has to end with, where it has one. */
  readonly expectedExitCode: (test: PlannedTest) => number | undefined;
  /** What a result says in a report; undefined where it says nothing. An errored test is no kind's own. */
  readonly report: (result: TestResult) => ReportedResult | undefined;
}

/** What a test that did not pass says. */
export function testMessage({ name, reason = 'failed' }: TestResult): string {
  return `test "${name}": ${reason}`;
}

/** What a test with a program of its own says where it failed. */
export function reportProgram(result: TestResult): ReportedResult | undefined {
  if (result.outcome !== 'failed') return undefined;
  const code = result.cause === 'not-executable' ? 'cannot-execute' : 'test-failed';
  return { code, message: testMessage(result) };
}
