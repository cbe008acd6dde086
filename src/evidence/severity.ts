import { catalogue, isCode } from './catalogue.js';
import type { Finding, Plan, Severity } from './model.js';

const RANK = { off: 0, note: 1, warning: 2, error: 3 } as const;

/** What an error of this code says about: the image (exit 1) or the environment (exit 3). */
export function aboutOf(code: string): 'image' | 'environment' {
  return isCode(code) ? catalogue[code].about : 'image';
}

/** Whether a code is of the proof chain: nothing is proved beside an error of it. */
export function isOfProof(code: string): boolean {
  return isCode(code) && 'proof' in catalogue[code];
}

/**
 * Whether a configuration cannot lower a code. A registry that was down is never
 * "passed", and what could not be run was not tried: codes about the environment
 * are held like those of the proof chain.
 */
export function isHeld(code: string): boolean {
  return isOfProof(code) || aboutOf(code) === 'environment';
}

/** The severity of a code under the plan's settings; `from` is what the finding says itself. */
export function severityOf(
  plan: Pick<Plan, 'severities'>,
  code: string,
  from: Severity,
): Severity | 'off' {
  const asked = Object.hasOwn(plan.severities, code) ? plan.severities[code] : undefined;
  if (asked === undefined) return from;
  return isHeld(code) && RANK[asked] < RANK[from] ? from : asked;
}

/** Findings as the plan's severities make them; what is `off` is left out. */
export function applySeverities(
  plan: Pick<Plan, 'severities'>,
  findings: readonly Finding[],
): readonly Finding[] {
  return findings.flatMap((finding) => {
    const severity = severityOf(plan, finding.code, finding.severity);
    return severity === 'off' ? [] : [{ ...finding, severity }];
  });
}
