import { isDeepStrictEqual } from 'node:util';
import {
  applySeverities,
  type Evidence,
  type Finding,
  type JudgedImage,
  type JudgedTrial,
  type TestResult,
  visible,
} from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import { shellWord } from '../format.js';
import { placeOf, withoutPlatform } from './findings.js';
import { rerunTrials } from './rerun.js';
import { type Told, testKey } from './told-once.js';
import { failureWords } from './wording.js';

/** What a test compared and found different. */
interface FailedCheck {
  readonly what: string;
  readonly found: string;
  readonly expected: string;
}

/** What a test wrote to one of its streams. */
interface Output {
  readonly name: 'stdout' | 'stderr';
  readonly text: string;
}

/** A test that did not pass, with all platforms on which it failed alike. */
export interface FailedTest {
  /** The code of its finding, and how severe that is. */
  readonly code: string;
  readonly severity: Finding['severity'];
  readonly name: string;
  readonly platforms: readonly { readonly platform: string; readonly emulated: boolean }[];
  /** `exit 1, expected 0`; the checks say the rest. */
  readonly words: string;
  /** Where it is defined, as `FILE:LINE:COLUMN`; the start of an image has no place. */
  readonly place?: string;
  /** What it executed, as a line for a shell; not there for the image's own program. */
  readonly executed?: string;
  readonly checks: readonly FailedCheck[];
  /** Streams that no check shows. */
  readonly outputs: readonly Output[];
  /** The evidence holds less than all of the output. */
  readonly truncated: boolean;
  /** What to do, where its finding says more than to run it again. */
  readonly remedy?: string;
  readonly rerun: string;
}

const STREAMS = ['stdout', 'stderr'] as const;

function isStream(what: string): what is Output['name'] {
  return what === 'stdout' || what === 'stderr';
}

/** A pattern's stream as the pattern saw it, whole; the check itself keeps only the end. */
function checksOf(test: TestResult): readonly FailedCheck[] {
  return test.checks
    .filter(({ ok }) => !ok)
    .map(({ what, found, expected }) => {
      const seen = isStream(what) ? visible(test[what].text) : '';
      return { what, expected, found: seen || found };
    });
}

/** Codes of findings that are a test's result, not advice about how it is written. */
const RESULTS: ReadonlySet<string> = new Set([
  'test-failed',
  'test-errored',
  'cannot-execute',
  'program-killed',
]);

/** Findings by the test that they are about: both may be many. */
function byTest(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  return Map.groupBy(findings, ({ subject: { image, platform, test } }) =>
    testKey(image, platform, test),
  );
}

/** The tests that did not pass, by the trial that they are of. */
export type FailedTests = ReadonlyMap<JudgedTrial, readonly TestResult[]>;

/**
 * Tests that did not pass, of trials that did not; in a passed one their findings were lowered,
 * and tell. Not those of which the configuration leaves out what was found.
 */
export function failedTestsOf(
  { plan, findings }: Evidence,
  trials: readonly JudgedTrial[],
): FailedTests {
  const found = byTest(findings.filter(({ code }) => RESULTS.has(code)));
  const isOff = ({ image, platform }: JudgedTrial, { name }: TestResult) => {
    const own = found.get(testKey(image, platform, name)) ?? [];
    return own.length > 0 && applySeverities(plan, own).length === 0;
  };
  const failedIn = (trial: JudgedTrial) =>
    (trial.facts?.tests ?? []).filter(
      (test) => ['failed', 'errored'].includes(test.outcome) && !isOff(trial, test),
    );
  return new Map(
    trials.map((trial) => [trial, trial.state === 'passed' ? [] : failedIn(trial)] as const),
  );
}

/** What a test executed, as a line for a shell, by a finding that is its result. */
export function executedBy(
  { trials }: JudgedImage,
  { code, subject }: Finding,
): string | undefined {
  const trial = trials.find(({ platform }) => platform === subject.platform);
  const test = trial?.facts?.tests.find(({ name }) => name === subject.test);
  return RESULTS.has(code) ? test?.executed?.map(shellWord).join(' ') : undefined;
}

function findingOf(test: TestResult, findings: readonly Finding[]) {
  const code = test.outcome === 'errored' ? 'test-errored' : 'test-failed';
  const own = findings.find((finding) => RESULTS.has(finding.code));
  if (own === undefined) return { code, severity: 'error' as const };
  // The command that repeats it is shown anyway.
  const { remedy } = own.code === 'test-failed' ? {} : own;
  return { code: own.code, severity: own.severity, ...defined({ remedy }) };
}

function describe(test: TestResult, findings: readonly Finding[]) {
  const checks = checksOf(test);
  const { location, executed } = test;
  return {
    ...findingOf(test, findings),
    name: test.name,
    words: failureWords(test),
    ...defined({
      place: location && placeOf(location),
      executed: executed?.map(shellWord).join(' '),
    }),
    checks,
    outputs: STREAMS.filter((name) => !checks.some(({ what }) => what === name)).map((name) => ({
      name,
      text: test[name].text,
    })),
    truncated: test.stdout.truncated || test.stderr.truncated,
  };
}

interface Failure {
  readonly at: FailedTest['platforms'][number];
  readonly what: ReturnType<typeof describe>;
}

/** What is compared of a failure: all that is shown of it, without the name of its own platform. */
function comparable({ at, what }: Failure) {
  const neutral = (text: string) => withoutPlatform(text, at.platform);
  const checks = what.checks.map(({ found, ...check }) => ({ ...check, found: neutral(found) }));
  const outputs = what.outputs.map(({ text, ...one }) => ({ ...one, text: neutral(text) }));
  return { ...what, words: neutral(what.words), checks, outputs };
}

/** Groups of failures that are alike, in order. Outputs are long: they are compared, and not made keys. */
function alike(failures: readonly Failure[]): readonly Failure[][] {
  const groups: Failure[][] = [];
  const byName = new Map<string, { what: ReturnType<typeof comparable>; failures: Failure[] }[]>();
  for (const failure of failures) {
    const what = comparable(failure);
    const named = byName.get(what.name) ?? [];
    byName.set(what.name, named);
    const group = named.find((one) => isDeepStrictEqual(one.what, what));
    if (group === undefined) {
      const fresh = { what, failures: [failure] };
      named.push(fresh);
      groups.push(fresh.failures);
    } else group.failures.push(failure);
  }
  return groups;
}

/** The tests of an image that did not pass; those that failed alike on several platforms are one. */
export function reportedTests(
  evidence: Evidence,
  image: JudgedImage,
  failed: FailedTests,
  told: Told,
): readonly FailedTest[] {
  const found = byTest(told.findings.filter(({ subject }) => subject.image === image.id));
  const failures = image.trials.flatMap((trial) => {
    const { platform } = trial;
    const shown = (failed.get(trial) ?? []).filter((test) => !told.says(image.id, platform, test));
    return shown.map((test) => {
      const own = found.get(testKey(image.id, platform, test.name)) ?? [];
      const emulated = test.program?.emulated === true;
      return { at: { platform, emulated }, what: describe(test, own) };
    });
  });
  return alike(failures).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const platforms = group.map(({ at }) => at);
    const rerun = rerunTrials(
      evidence,
      image.id,
      platforms.map(({ platform }) => platform),
    );
    return [{ ...first.what, platforms, rerun }];
  });
}
