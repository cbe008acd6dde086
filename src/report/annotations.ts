import type { Evidence, Finding, Severity } from '../evidence/index.js';
import { groupFindings, type ReportedFinding, reportOf } from './model/index.js';
import { cut, shownLines } from './untrusted.js';

/** The runner shows ten annotations of each level and step, and drops the others silently. */
const SHOWN = 10;

/** Characters of a message; the runner cuts a longer one. */
const MESSAGE = 4096;

/** A message that GitHub shows at a line of a file, or for the whole step. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

const LEVEL = { error: 'error', warning: 'warning', note: 'notice' } as const;

function messageOf({ finding, platforms }: ReportedFinding): string {
  const { message, found, expected, detail = [], remedy } = finding;
  const lines = [
    message,
    ...(found === undefined ? [] : [`found ${found.value} ${found.from}`]),
    ...(expected === undefined ? [] : [`expected ${expected.value} ${expected.from}`]),
    ...(platforms.length > 0 ? [`on ${platforms.join(', ')}`] : []),
    ...(remedy === undefined ? [] : [remedy]),
    ...detail.slice(-12),
  ];
  return cut(shownLines(lines.join('\n')).join('\n'), MESSAGE);
}

function annotationOf(group: ReportedFinding): Annotation {
  const { severity, code, subject, location } = group.finding;
  const title = [code, subject.image, subject.test].filter((part) => part !== undefined).join(': ');
  return {
    level: LEVEL[severity],
    message: messageOf(group),
    file: location?.file,
    line: location?.line,
    column: location?.column,
    title: cut(shownLines(title).join(' '), 200),
  };
}

/** Annotations of what a run found, as `findingAnnotations` has them. */
export function annotationsOf(evidence: Evidence): readonly Annotation[] {
  return annotationsFor(reportOf(evidence).findings);
}

/**
 * Annotations of the findings that have a place in a file, and of all errors. Equal
 * findings of several platforms are one. At most ten of each level; the tenth says how
 * many more the summary holds.
 */
export function findingAnnotations(findings: readonly Finding[]): readonly Annotation[] {
  return annotationsFor(groupFindings(findings));
}

function annotationsFor(reported: readonly ReportedFinding[]): readonly Annotation[] {
  const groups = reported.filter(
    ({ finding }) => finding.location !== undefined || finding.severity === 'error',
  );
  return (['error', 'warning', 'note'] as const satisfies Severity[]).flatMap((severity) => {
    const kind = groups.filter(({ finding }) => finding.severity === severity);
    if (kind.length <= SHOWN) return kind.map(annotationOf);
    const left = kind.length - SHOWN + 1;
    const rest = { level: LEVEL[severity], message: `${left} more are in the job's summary.` };
    return [...kind.slice(0, SHOWN - 1).map(annotationOf), rest];
  });
}

/** The only annotation of a step that ended before there was evidence: how it ended, and why. */
export function brokenOffAnnotation(sentence: string, why = 'The log has details.'): Annotation {
  return { level: 'error', message: cut(shownLines(`${sentence}\n${why}`).join('\n'), MESSAGE) };
}
