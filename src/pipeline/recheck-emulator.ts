import type { Reprobe } from '../emulation/index.js';
import type { Finding, TestResult } from '../evidence/index.js';
import { killedBy, testFinding } from '../test/index.js';

/** What tests came to, and the findings about them. */
interface Tried {
  readonly tests: readonly TestResult[];
  readonly findings: readonly Finding[];
}

interface Place {
  readonly image: string;
  readonly platform: string;
}

/** Ways to fail in which an emulator may have a part; a test on the host has none. */
const OF_EMULATOR: readonly TestResult['cause'][] = ['signal', 'time-limit'];

/** Whether a test failed in the words that also tell of an emulator that is gone, or as if by one. */
function isSuspect({ outcome, kind, cause, reason = '', stdout, stderr }: TestResult): boolean {
  if (outcome !== 'failed') return false;
  const words = [reason, stdout.text, stderr.text];
  if (words.some((text) => /exec format error/i.test(text))) return true;
  return kind !== 'host' && OF_EMULATOR.includes(cause);
}

/** A suspect test as it is told when the platform was looked at again. */
function toldAnew(test: TestResult, platform: string, { lost, emulator }: Reprobe): TestResult {
  if (!isSuspect(test)) return test;
  if (lost !== undefined) {
    const reason = `${platform} was proved to run here and does not any more: ${lost.message}`;
    return { ...test, outcome: 'errored', cause: 'environment', reason };
  }
  const { signal, kind, program } = test;
  if (signal === undefined || kind === 'host' || program?.emulated === false) return test;
  return { ...test, reason: killedBy(signal, emulator ?? 'emulation') };
}

function findingAbout(test: TestResult, { image, platform }: Place, { lost }: Reprobe) {
  const about = testFinding(image, platform, test);
  if (about === undefined || lost === undefined) return about;
  const { detail, remedy } = lost;
  return { ...about, ...(detail && { detail }), ...(remedy && { remedy }) };
}

/**
 * What tests on an emulated platform say is held against the image only while the
 * platform runs: `look` answers whether it does not any more. Where it does, what a
 * signal ended is told with the emulator, which may be at fault all the same.
 */
export async function recheckEmulator<T extends Tried>(
  tried: T,
  place: Place,
  look: () => Promise<Reprobe>,
): Promise<T> {
  if (!tried.tests.some(isSuspect)) return tried;
  const reproof = await look();
  const tests = tried.tests.map((test) => toldAnew(test, place.platform, reproof));
  const changed = tests.filter((test) => !tried.tests.includes(test));
  const isOld = ({ severity, subject }: Finding) =>
    severity === 'error' && changed.some(({ name }) => name === subject.test);
  const anew = changed.map((test) => findingAbout(test, place, reproof));
  return {
    ...tried,
    tests,
    findings: [
      ...tried.findings.filter((one) => !isOld(one)),
      ...anew.filter((one) => one !== undefined),
    ],
  };
}
