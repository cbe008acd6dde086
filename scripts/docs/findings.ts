import { code, generated, table } from './markdown.ts';
import { evidence } from './sources.ts';

/** docs/reference/findings.md */
export function findingsPage(): string {
  const all = Object.entries(evidence.catalogue);
  const rows = all.map(([name, check]) => [
    `[${code(name)}](#${name})`,
    check.severity,
    check.about === 'image' ? '1' : '3',
    'proof' in check ? 'no: proof chain' : evidence.isHeld(name) ? 'no' : 'yes',
  ]);
  return `${[
    generated('src/evidence/catalogue.ts'),
    '# Findings',
    'A finding is one thing that is wrong or worth knowing. `checks` in sea-trial.yml sets severities by code: `error`, `warning`, `note` or `off`. What the proof chain rests on, and what says that nothing could be tried, cannot be lowered.',
    table(['code', 'severity', 'exit code as an error', 'can be lowered'], rows),
    ...all.map(([name, { what, why, remedy }]) =>
      [`## ${name}`, what, why, `**What to do:** ${remedy}`].join('\n\n'),
    ),
  ].join('\n\n')}\n`;
}
