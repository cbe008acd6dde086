import { type PlannedTest, visible } from '../evidence/index.js';
import type { Ending, JudgeTools, TestJudgement, TimeLimit } from './ending.js';
import { kinds } from './kinds/index.js';

/**
 * Judges a test by how its program ended. What was found is shown without secrets, and
 * judged as it is.
 */
export function judgeTest(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
  tools: JudgeTools,
): TestJudgement {
  const kind = kinds[test.kind];
  const judged = kind.judge(test, ending, limit, tools);
  const { emulatorFault } = ending;
  // What a test has seen of its program counts more than words; that one started counts less.
  const doubtful = judged.outcome === 'failed' || kind.doubtsPasses;
  if (emulatorFault === undefined || !doubtful) return judged;
  const reason = `the emulator failed, which says nothing about the image: ${visible(tools.redactor.text(emulatorFault))}`;
  return { outcome: 'errored', checks: judged.checks, cause: 'environment', reason };
}
