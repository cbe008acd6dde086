import type { Ending, TestJudgement } from './ending.js';

/* Why a program ended otherwise than by itself. */

export const NO_MEMORY = 'was killed because it needed more memory than was available';

/** Undefined where no signal ended it. */
export function killed({
  signal,
  exitCode,
  timedOut,
}: Ending): Pick<TestJudgement, 'cause' | 'reason'> | undefined {
  if (signal === undefined) return undefined;
  const code = timedOut || exitCode === undefined ? '' : ` (exit ${exitCode})`;
  return { cause: 'signal', reason: `killed by ${signal}${code}` };
}

/** A program that could not be executed; `hint` goes on with its reason. */
export function notExecutable(words: string, hint = ''): TestJudgement {
  const reason = `could not be executed: ${words}${hint}`;
  return { outcome: 'failed', checks: [], cause: 'not-executable', reason };
}
