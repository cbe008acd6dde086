import type { Evidence, Severity } from '../evidence/index.js';
import { type ReportedFinding, reportOf } from './model/index.js';
import { cut, shownLines } from './untrusted.js';
import { command } from './workflow-commands.js';

/** Per step and kind the runner shows ten and drops the rest without a word. */
const SHOWN = 10;

/** A longer message is cut by the runner, in characters. */
const MESSAGE = 4096;

const COMMAND = { error: 'error', warning: 'warning', note: 'notice' } as const;

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

function line(group: ReportedFinding): string {
  const { severity, code, subject, location } = group.finding;
  const title = [code, subject.image, subject.test].filter((part) => part !== undefined).join(': ');
  return command(COMMAND[severity], messageOf(group), {
    file: location?.file,
    line: location?.line,
    col: location?.column,
    title: cut(shownLines(title).join(' '), 200),
  });
}

/**
 * Workflow commands, a line each: findings that have a place in a file, and
 * errors even without one. Equal findings of several platforms are one. At most
 * ten of each kind; the tenth says how many are left to the summary.
 */
export function renderAnnotations(evidence: Evidence): readonly string[] {
  const groups = reportOf(evidence).findings.filter(
    ({ finding }) => finding.location !== undefined || finding.severity === 'error',
  );
  return (['error', 'warning', 'note'] as const satisfies Severity[]).flatMap((severity) => {
    const kind = groups.filter(({ finding }) => finding.severity === severity);
    if (kind.length <= SHOWN) return kind.map(line);
    const left = kind.length - SHOWN + 1;
    const rest = command(COMMAND[severity], `${left} more are in the job's summary.`);
    return [...kind.slice(0, SHOWN - 1).map(line), rest];
  });
}

/** The one annotation of a step that ended before it could find anything: how it ended, and why. */
export function annotateBrokenOff(sentence: string, why = 'The log says more.'): string {
  return command('error', cut(shownLines(`${sentence}\n${why}`).join('\n'), MESSAGE));
}
