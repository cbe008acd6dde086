import { byStage, type Finding, type Location } from '../../evidence/index.js';
import { defined } from '../../types/index.js';

/** Findings that differ in nothing but their platform, as one. */
export interface ReportedFinding {
  readonly finding: Finding;
  readonly platforms: readonly string[];
  /** Where it is, as `FILE:LINE:COLUMN`. */
  readonly place?: string;
  /** What the test executed that it is the result of, as a line for a shell. */
  readonly executed?: string;
  /** The command that repeats what an error is about. */
  readonly rerun?: string;
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

/** `Dockerfile:7`, `sea-trial.yml:9:20`. */
export function placeOf(location: Location): string {
  const { file, line, column } = location;
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** A text in which a platform has no name of its own, to be compared with another one's. */
export function withoutPlatform(text: string, platform: string): string {
  const [, architecture = ''] = platform.split('/');
  return text.replaceAll(platform, 'PLATFORM').replaceAll(architecture, 'ARCHITECTURE');
}

function keyOf({ code, severity, subject, message, location }: Finding): string {
  const { image, platform, test, tag, path } = subject;
  // A step is one also where it names the platform that it builds for.
  const isStep = code === 'build-failed' && platform !== undefined;
  const words = isStep ? withoutPlatform(message, platform) : message;
  return JSON.stringify([code, severity, image, test, tag, path, words, location]);
}

/**
 * Groups equal findings of several platforms: errors first, then in the order of the stages
 * that find them, so that a cause stands above what comes of it, then in their own.
 * `rerunOf` answers the command that repeats what an error is about, where there is one.
 */
export function groupFindings(
  findings: readonly Finding[],
  rerunOf: (finding: Finding, platforms: readonly string[]) => string | undefined = () => undefined,
): readonly ReportedFinding[] {
  const groups = [...Map.groupBy(findings, keyOf).values()].flatMap((group) => {
    const [finding] = group;
    if (finding === undefined) return [];
    const platforms = group.flatMap(({ subject }) => subject.platform ?? []);
    const { severity, location } = finding;
    const rerun = severity === 'error' ? rerunOf(finding, platforms) : undefined;
    return [
      {
        finding,
        platforms,
        ...defined({ place: location && placeOf(location), rerun }),
      },
    ];
  });
  return groups.sort(
    ({ finding: one }, { finding: other }) =>
      ORDER[one.severity] - ORDER[other.severity] || byStage(one.code, other.code),
  );
}
