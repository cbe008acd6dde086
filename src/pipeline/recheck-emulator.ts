import type { Reprobe } from '../emulation/index.js';
import type { Finding, TestResult } from '../evidence/index.js';
import { runsInContainer } from '../kinds/index.js';
import { testFinding } from '../test/index.js';

/** Results of tests, and the findings about them. */
interface TestsAndFindings {
  readonly tests: readonly TestResult[];
  readonly findings: readonly Finding[];
}

interface TrialSubject {
  readonly image: string;
  readonly platform: string;
}

/** Ways to fail that an emulator may have caused; it has no part in a test on the host. */
const OF_EMULATOR: readonly TestResult['cause'][] = ['signal', 'time-limit'];

/** Whether a test failed as it would without its emulator, or by an emulator's fault. */
function isSuspect(test: TestResult): boolean {
  const { outcome, cause, reason = '', stdout, stderr } = test;
  if (outcome !== 'failed') return false;
  const words = [reason, stdout.text, stderr.text];
  if (words.some((text) => /exec format error/i.test(text))) return true;
  return runsInContainer(test) && OF_EMULATOR.includes(cause);
}

/** A suspect test, judged again after the platform was proved again. */
function judgedAgain(test: TestResult, platform: string, { lost, emulator }: Reprobe): TestResult {
  if (!isSuspect(test)) return test;
  if (lost !== undefined) {
    const reason = `${platform} was verified to run here and no longer does: ${lost.message}`;
    return { ...test, outcome: 'errored', cause: 'environment', reason };
  }
  const { signal, program } = test;
  const isEmulated = runsInContainer(test) && program?.emulated !== false;
  if (signal === undefined || !isEmulated) return test;
  const reason = `killed by ${signal} under ${emulator ?? 'emulation'}; the cause is the program or the emulator, which a native runner would show`;
  return { ...test, reason };
}

function findingAbout(test: TestResult, { image, platform }: TrialSubject, { lost }: Reprobe) {
  const about = testFinding(image, platform, test);
  if (about === undefined || lost === undefined) return about;
  const { detail, remedy } = lost;
  return { ...about, ...(detail && { detail }), ...(remedy && { remedy }) };
}

/**
 * A failure on an emulated platform counts against the image only if the platform still
 * runs, which `recheck` finds out. If it does, a test that a signal ended is reported with
 * the emulator, which may be at fault all the same.
 */
export async function recheckEmulator<T extends TestsAndFindings>(
  before: T,
  subject: TrialSubject,
  recheck: () => Promise<Reprobe>,
): Promise<T> {
  if (!before.tests.some(isSuspect)) return before;
  const reproof = await recheck();
  const tests = before.tests.map((test) => judgedAgain(test, subject.platform, reproof));
  const changed = tests.filter((test) => !before.tests.includes(test));
  const isOld = ({ severity, subject }: Finding) =>
    severity === 'error' && changed.some(({ name }) => name === subject.test);
  const anew = changed.map((test) => findingAbout(test, subject, reproof));
  return {
    ...before,
    tests,
    findings: [
      ...before.findings.filter((one) => !isOld(one)),
      ...anew.filter((one) => one !== undefined),
    ],
  };
}
