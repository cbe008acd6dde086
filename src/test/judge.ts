import {
  findPattern,
  type PlannedTest,
  type Redactor,
  type Stopwatch,
  type TestResult,
  TOO_LONG,
  visible,
} from '../evidence/index.js';
import type { Captured } from '../ports/index.js';
import { killedBy } from './signals.js';

/** How a test's program ended, whichever way it was run. */
export interface Ending {
  /** undefined where the program did not end by itself. */
  readonly exitCode?: number;
  /** What ended it, where that was a signal. */
  readonly signal?: string;
  /** Words of an emulator that has failed itself; only where programs are emulated. */
  readonly emulatorFault?: string;
  /** The engine's or the system's words where the program could not be started. */
  readonly notStarted?: string;
  readonly timedOut: boolean;
  readonly outOfMemory: boolean;
  readonly stdout: Captured;
  readonly stderr: Captured;
}

/** The limit of time that applied to a test. */
export interface TimeLimit {
  readonly milliseconds: number;
  /** Why it is longer than what was written: `under emulation`. */
  readonly why: string;
}

type TestJudgement = Pick<TestResult, 'outcome' | 'checks' | 'cause' | 'reason'>;

/** Characters of an output that a check shows as what was found. */
const SHOWN = 400;

/** What a pattern is held against: the place where an output was cut is no beginning of a line. */
function judgedText({ text, truncated }: Captured): string {
  return truncated ? `…${text}` : text;
}

/** The end of a text, with no character cut in two. */
function endOf(text: string): string {
  return text.slice(-SHOWN).replace(/^\p{Surrogate}/u, '');
}

function matchOutput(
  what: 'stdout' | 'stderr',
  pattern: string | undefined,
  found: Captured,
  redactor: Pick<Redactor, 'text'>,
  clock: Stopwatch,
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
      ? `${what} was not searched to its end: ${expected} ${TOO_LONG}; write a simpler pattern or print less`
      : `${what} does not match ${expected}`;
  return [{ check, reasons: [reason] }];
}

/** What was written, which emulation makes longer. */
function writtenLimit({ timeout }: PlannedTest, { milliseconds, why }: TimeLimit): string {
  const more = milliseconds === timeout ? '' : `, times ${milliseconds / timeout} ${why}`;
  return `timeout: ${timeout / 1000}s${more}`;
}

function cutShort(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
): Pick<TestJudgement, 'cause' | 'reason'> | undefined {
  if (ending.timedOut && ending.signal === undefined) {
    const words = `${limit.milliseconds / 1000} s (${writtenLimit(test, limit)})`;
    return { cause: 'time-limit', reason: `did not end within ${words}` };
  }
  if (ending.outOfMemory) {
    return { cause: 'memory', reason: NO_MEMORY };
  }
  return undefined;
}

/** The program of a test that is a text is the image's shell, which the test does not name. */
function aboutShell({ kind, run }: PlannedTest, words: string): string {
  const isText = kind === 'command' && run !== undefined && 'shell' in run;
  if (!isText || !/^exec\b.*(no such file|not found)/is.test(words)) return '';
  return '; a test that is a text needs a shell in the image, one that is a list does not';
}

function notExecutable(test: PlannedTest, words: string): TestJudgement {
  const reason = `could not be executed: ${words}${aboutShell(test, words)}`;
  return { outcome: 'failed', checks: [], cause: 'not-executable', reason };
}

const NO_MEMORY = 'was ended because it needed more memory than there was';

/** Undefined where no signal ended it. */
function killed({
  signal,
  exitCode,
  timedOut,
}: Ending): Pick<TestJudgement, 'cause' | 'reason'> | undefined {
  if (signal === undefined) return undefined;
  const code = timedOut || exitCode === undefined ? '' : ` (exit ${exitCode})`;
  return { cause: 'signal', reason: `${killedBy(signal)}${code}` };
}

/** The image's own program, of which nothing is known but that it should not fall at once. */
function judgeStart(test: PlannedTest, ending: Ending): TestJudgement {
  const { exitCode, outOfMemory } = ending;
  if (exitCode === 126 || exitCode === 127) return notExecutable(test, `exit ${exitCode}`);
  if (outOfMemory) return { outcome: 'failed', checks: [], cause: 'memory', reason: NO_MEMORY };
  const fallen = killed(ending);
  return { outcome: fallen === undefined ? 'passed' : 'failed', checks: [], ...fallen };
}

function judgeProgram(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
  redactor: Pick<Redactor, 'text'>,
  clock: Stopwatch,
): TestJudgement {
  if (ending.notStarted !== undefined) return notExecutable(test, ending.notStarted);
  if (test.kind === 'start') return judgeStart(test, ending);
  const matched = [
    ...matchOutput('stdout', test.stdout, ending.stdout, redactor, clock),
    ...matchOutput('stderr', test.stderr, ending.stderr, redactor, clock),
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

/**
 * Judges a test by how its program ended. Every check is made, also behind one
 * that failed. What was found is shown without secrets, and judged as it is. The clock bounds the search of a pattern.
 */
export function judgeTest(
  test: PlannedTest,
  ending: Ending,
  limit: TimeLimit,
  redactor: Pick<Redactor, 'text'>,
  clock: Stopwatch,
): TestJudgement {
  const judged = judgeProgram(test, ending, limit, redactor, clock);
  const { emulatorFault } = ending;
  // What a test has seen of its program counts more than words; that one started counts less.
  const doubtful = judged.outcome === 'failed' || test.kind === 'start';
  if (emulatorFault === undefined || !doubtful) return judged;
  const reason = `the emulator failed, which says nothing about the image: ${visible(redactor.text(emulatorFault))}`;
  return { outcome: 'errored', checks: judged.checks, cause: 'surroundings', reason };
}
