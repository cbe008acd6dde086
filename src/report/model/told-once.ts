import type { Finding, TestResult, Verdict } from '../../evidence/index.js';

/** What is left to say where one fault shows as several findings. */
export interface Told {
  readonly findings: readonly Finding[];
  /** Whether a finding says already why a test could not be executed. */
  says(image: string, platform: string, test: TestResult): boolean;
}

/** Why a program does not start, by its bytes. */
const UNSTARTABLE: ReadonlySet<string> = new Set([
  'arch-mismatch',
  'interpreter-missing',
  'program-missing',
  'program-not-executable',
  'program-unstartable',
]);

/** A test of an image on a platform, as a key. */
export const testKey = (image = '', platform = '', test = '') =>
  JSON.stringify([image, platform, test]);

const onePlace = ({ image, platform }: Finding['subject']) => `${image}@${platform}`;

function errorsBy(findings: readonly Finding[], codes: ReadonlySet<string>) {
  return Map.groupBy(
    findings.filter(({ code, severity }) => severity === 'error' && codes.has(code)),
    ({ subject }) => onePlace(subject),
  );
}

/** Whether one of the errors about an image is why a test of it could not be executed. */
function isExplained({ cause, program, executed }: TestResult, errors: readonly Finding[]) {
  if (cause !== 'not-executable') return false;
  const path = program?.path ?? executed?.[0];
  return errors.some(({ code, subject }) =>
    path === undefined ? code !== 'arch-mismatch' : subject.path === path,
  );
}

/**
 * Findings of a run, each fault once: layers that are equal to another platform's are a line of
 * the error about the program in them, and that the program of an image could not be executed is
 * left to the error that says why. The verdict is computed from all of them before.
 */
export function tellOnce({ findings, trials }: Pick<Verdict, 'findings' | 'trials'>): Told {
  const wrong = errorsBy(findings, new Set(['arch-mismatch']));
  const equal = errorsBy(findings, new Set(['equal-layers']));
  const unstartable = errorsBy(findings, UNSTARTABLE);
  const silent = new Set<string>();
  for (const { image, platform, facts } of trials) {
    const errors = unstartable.get(onePlace({ image, platform })) ?? [];
    for (const test of facts?.tests ?? []) {
      if (isExplained(test, errors)) silent.add(testKey(image, platform, test.name));
    }
  }
  const isSaid = ({ code, subject: { image = '', platform = '', test } }: Finding) =>
    (code === 'equal-layers' && wrong.has(onePlace({ image, platform }))) ||
    (code === 'cannot-execute' && test !== undefined && silent.has(testKey(image, platform, test)));
  const withLayers = (finding: Finding): Finding => {
    const place = onePlace(finding.subject);
    const same = wrong.get(place)?.[0] === finding ? (equal.get(place) ?? []) : [];
    if (same.length === 0) return finding;
    return { ...finding, detail: [...(finding.detail ?? []), ...same.map((one) => one.message)] };
  };
  return {
    findings: findings.filter((finding) => !isSaid(finding)).map(withLayers),
    says: (image, platform, { name }) => silent.has(testKey(image, platform, name)),
  };
}
