import { findPattern, type PlannedTest, TOO_LONG, visible } from '../evidence/index.js';
import type { CapturedOutput } from '../ports/index.js';
import { killed, NO_MEMORY } from './causes.js';
import type { Ending, JudgeTools, TestJudgement, TimeLimit } from './ending.js';

/** Characters of an output that a check shows as what was found. */
const SHOWN = 400;

/** What a pattern is held against: the place where an output was cut is no beginning of a line. */
function judgedText({ text, truncated }: CapturedOutput): string {
  return truncated ? `…${text}` : text;
}

/** The end of a text, with no character cut in two. */
function endOf(text: string): string {
  return text.slice(-SHOWN).replace(/^\p{Surrogate}/u, '');
}

function matchOutput(
  what: 'stdout' | 'stderr',
  pattern: string | undefined,
  found: CapturedOutput,
  { redactor, clock }: JudgeTools,
) {
  if (pattern === undefined) return [];
  // Go's `$` is the end of the text alone; nearly every program ends its output with a line end.
  const text = judgedText(found);
  const texts = new Set([text, text.replace(/\r?\n$/, '')]);
  const matches = findPattern(pattern, texts, clock);
  const cut = found.truncated
    ? ` (the last ${found.text.length} characters of ${found.bytes} bytes)`
    : '';
  const shown = visible(endOf(redactor.text(found.text, found.truncated)));
  const expected = `/${pattern}/`;
  const check = { what, expected, found: (shown || 'nothing') + cut, ok: matches === true };
  if (check.ok) return [{ check, reasons: [] }];
  const reason =
    matches === 'too-long'
      ? `${what} could not be searched: ${expected} ${TOO_LONG}; write a simpler pattern or print less`
      : `${what} does not match ${expected}`;
  return [{ check, reasons: [reason] }];
}

/** What was written, which emulation makes longer. */
function writtenLimit({ timeout }: PlannedTest, { milliseconds, why }: TimeLimit): string {
  const more = milliseconds === timeout ? '' : `, times ${milliseconds / timeout} ${why}`;
  return `timeout: ${timeout / 1000}s${more}`;
}

/** Copying that took a part of the time worth a word. */
function copyingIn({ copying = 0 }: Ending): string {
  const seconds = Math.round(copying / 1000);
  return seconds === 0 ? '' : `; copying its mounts took ${seconds} s of that`;
}

function cutShort(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
): Pick<TestJudgement, 'cause' | 'reason'> | undefined {
  if (ending.timedOut && ending.signal === undefined) {
    const words = `${limit.milliseconds / 1000} s (${writtenLimit(test, limit)})`;
    return { cause: 'time-limit', reason: `did not end within ${words}${copyingIn(ending)}` };
  }
  if (ending.outOfMemory) {
    return { cause: 'memory', reason: NO_MEMORY };
  }
  return undefined;
}

/** Judges by the exit code and the outputs that the test expects. Every check is made, also behind one that failed. */
export function judgeProgram(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
  tools: JudgeTools,
): TestJudgement {
  const matched = [
    ...matchOutput('stdout', test.stdout, ending.stdout, tools),
    ...matchOutput('stderr', test.stderr, ending.stderr, tools),
  ];
  const checks = matched.map(({ check }) => check);
  const found = ending.exitCode ?? -1;
  const rightExit = !ending.timedOut && found === test.exitCode;
  const cut = cutShort(test, ending, limit) ?? (rightExit ? undefined : killed(ending));
  if (cut !== undefined) return { outcome: 'failed', checks, ...cut };
  const reasons = [
    ...(rightExit ? [] : [`exit ${found}, expected ${test.exitCode}`]),
    ...matched.flatMap(({ reasons }) => reasons),
  ];
  if (reasons.length === 0) return { outcome: 'passed', checks };
  const cause = rightExit ? 'output' : 'exit-code';
  return { outcome: 'failed', checks, cause, reason: reasons.join('; ') };
}
