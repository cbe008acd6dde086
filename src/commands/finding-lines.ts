import { applySeverities, type Finding } from '../evidence/index.js';
import type { Planned } from '../plan/index.js';
import type { Screen } from '../ports/index.js';
import { printable } from '../report/index.js';

const MARKS = { error: '✘', warning: '⚠', note: '·' } as const;

/** A finding where nothing was run: what is wrong, where, and what to do. */
export function findingLines({
  code,
  severity,
  message,
  location,
  remedy,
}: Finding): readonly string[] {
  const line = location?.line === undefined ? '' : `:${location.line}`;
  const place = location === undefined ? '' : `  ${location.file}${line}`;
  return [
    `${MARKS[severity]} ${code}${place}`,
    `    ${message}`,
    ...(remedy === undefined || severity === 'note' ? [] : [`    → ${remedy}`]),
  ];
}

/** Prints what was found of the sources before anything is started; for a run without notes, which its report has. */
export function sayFindings(
  { plan, findings }: Pick<Planned, 'plan' | 'findings'>,
  { say }: Pick<Screen, 'say'>,
  which: 'all' | 'no notes',
): void {
  const judged = applySeverities(plan, findings);
  const chosen = judged.filter(({ severity }) => which === 'all' || severity !== 'note');
  for (const line of chosen.flatMap(findingLines)) say(`${printable(line)}\n`);
}
