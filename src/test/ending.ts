import type { Redactor, Stopwatch, TestResult } from '../evidence/index.js';
import type { CapturedOutput } from '../ports/index.js';

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
  /** Milliseconds of its time that copying its mounts took. */
  readonly copying?: number;
  readonly outOfMemory: boolean;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
}

/** The limit of time that applied to a test. */
export interface TimeLimit {
  readonly milliseconds: number;
  /** Why it is longer than what was written: `under emulation`. */
  readonly why: string;
}

/** The clock bounds the search of a pattern. */
export interface JudgeTools {
  readonly redactor: Pick<Redactor, 'text'>;
  readonly clock: Stopwatch;
}

/** What an ending comes to. */
export type TestJudgement = Pick<TestResult, 'outcome' | 'checks' | 'cause' | 'reason'>;
