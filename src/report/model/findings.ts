import type { Evidence, Finding, Location } from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import { rerunFor } from './rerun.js';

/** Findings that differ in nothing but their platform, as one. */
export interface ReportedFinding {
  readonly finding: Finding;
  readonly platforms: readonly string[];
  /** Where it is, as `FILE:LINE:COLUMN`. */
  readonly place?: string;
  /** The command that repeats what an error is about. */
  readonly rerun?: string;
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

/** `Dockerfile:7`, `sea-trial.yml:9:20`. */
export function placeOf(location: Location): string {
  const { file, line, column } = location;
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

function keyOf({ code, severity, subject, message, location }: Finding): string {
  const { image, test, tag, path } = subject;
  return JSON.stringify([code, severity, image, test, tag, path, message, location]);
}

/** Groups equal findings of several platforms; errors first, else in their own order. */
export function groupFindings(
  evidence: Evidence,
  findings: readonly Finding[],
): readonly ReportedFinding[] {
  const groups = [...Map.groupBy(findings, keyOf).values()].flatMap((group) => {
    const [finding] = group;
    if (finding === undefined) return [];
    const platforms = group.flatMap(({ subject }) => subject.platform ?? []);
    const { severity, location } = finding;
    const rerun = severity === 'error' ? rerunFor(evidence, finding, platforms) : undefined;
    return [
      {
        finding,
        platforms,
        ...defined({ place: location && placeOf(location), rerun }),
      },
    ];
  });
  return groups.sort((one, other) => ORDER[one.finding.severity] - ORDER[other.finding.severity]);
}
