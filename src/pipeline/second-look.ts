import { type Finding, finding, type TestResult } from '../evidence/index.js';

/** What tests came to, and the findings about them. */
interface Tried {
  readonly tests: readonly TestResult[];
  readonly findings: readonly Finding[];
}

/** Whether a test failed in the words that also tell of an emulator that is gone. */
function isSuspect({ outcome, reason = '', stdout, stderr }: TestResult): boolean {
  const words = [reason, stdout.text, stderr.text];
  return outcome === 'failed' && words.some((text) => /exec format error/i.test(text));
}

/**
 * What tests on an emulated platform say is held against the image only while the
 * platform runs: `look` answers why it does not any more, where that is so.
 */
export async function lookAgain<T extends Tried>(
  tried: T,
  { image, platform }: { readonly image: string; readonly platform: string },
  look: () => Promise<Finding | undefined>,
): Promise<T> {
  if (!tried.tests.some(isSuspect)) return tried;
  const lost = await look();
  if (lost === undefined) return tried;
  const reason = `${platform} was proved to run here and does not any more: ${lost.message}`;
  const suspects = tried.tests.filter(isSuspect);
  const errored = suspects.map(({ name, location }) =>
    finding('test-errored', { image, platform, test: name }, `test "${name}": ${reason}`, {
      ...(lost.detail === undefined ? {} : { detail: lost.detail }),
      ...(lost.remedy === undefined ? {} : { remedy: lost.remedy }),
      ...(location === undefined ? {} : { location }),
    }),
  );
  const isTheirs = ({ subject }: Finding) => suspects.some(({ name }) => name === subject.test);
  return {
    ...tried,
    tests: tried.tests.map((test) =>
      isSuspect(test)
        ? { ...test, outcome: 'errored' as const, cause: 'surroundings' as const, reason }
        : test,
    ),
    findings: [...tried.findings.filter((one) => !isTheirs(one)), ...errored],
  };
}
