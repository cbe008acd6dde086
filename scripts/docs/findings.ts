import { code, generated, table } from './markdown.ts';
import { checks, evidence } from './sources.ts';

const FACTS = {
  image: 'contents of an image',
  platforms: 'platforms side by side',
  run: 'the whole run',
  served: 'what a registry serves',
} as const satisfies Record<keyof typeof checks.CHECKS, string>;

/** The facts of the checks that give a code; other codes come from the stages themselves. */
function factsOf(code: string): string {
  const lists = Object.entries(checks.CHECKS) as [
    keyof typeof FACTS,
    readonly { codes: readonly string[] }[],
  ][];
  return lists
    .filter(([, list]) => list.some(({ codes }) => codes.includes(code)))
    .map(([facts]) => FACTS[facts])
    .join(', ');
}

/** docs/reference/findings.md */
export function findingsPage(): string {
  const all = Object.entries(evidence.catalogue);
  const rows = all.map(([name, check]) => [
    `[${code(name)}](#${name})`,
    check.severity,
    factsOf(name),
    check.about === 'image' ? '1' : '3',
    'proof' in check ? 'no: proof chain' : evidence.isHeld(name) ? 'no' : 'yes',
  ]);
  return `${[
    generated('src/evidence/catalogue.ts'),
    '# Findings',
    'A finding is one thing that is wrong or worth knowing. `checks` in sea-trial.yml sets severities by code: `error`, `warning`, `note` or `off`. What the proof chain rests on, and what says that nothing could be tested, cannot be lowered. Where a check gives a code, the table says of what it is.',
    table(['code', 'severity', 'check of', 'exit code as an error', 'can be lowered'], rows),
    ...all.map(([name, { what, why, remedy }]) =>
      [`## ${name}`, what, why, `**What to do:** ${remedy}`].join('\n\n'),
    ),
  ].join('\n\n')}\n`;
}
