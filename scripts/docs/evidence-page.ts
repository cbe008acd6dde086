import { code, generated, table } from './markdown.ts';
import { evidence } from './sources.ts';

/** Keys and values of version 1, and what they are called in version 2. */
export const RENAMED: readonly (readonly [before: string, now: string])[] = [
  ['surroundings', 'environment'],
  ['run.trust.why', 'run.trust.reason'],
  ['trials[].built.bytes.kind', 'trials[].built.storedIn.kind'],
  ['trials[].built.bytes.at', 'trials[].built.storedIn.name'],
  ['trials[].loaded.proves', 'trials[].loaded.digestOf'],
  ['trials[].tests[].cause: surroundings', 'trials[].tests[].cause: environment'],
  ['publications[].takenOver.attestations[].of', 'publications[].takenOver.attestations[].subject'],
  ['publications[].targets[].at', 'publications[].targets[].time'],
  ['publications[].served[].attestations[].of', 'publications[].served[].attestations[].subject'],
  [
    'publications[].served[].platforms[].layers[].intact',
    'publications[].served[].faults[], by digest',
  ],
];

/** What is new in version 2. */
export const ADDED: readonly (readonly [key: string, what: string])[] = [
  [
    'publications[].served[].faults[]',
    'What is not as its descriptor says: part, platform, digest, detail, and the kind: `corrupt`, `wrongClaim`, `missing` or `malformed`. The configuration of a platform is listed where it is damaged, too.',
  ],
  [
    'references[]',
    'References that were read and that the run has not published, in the shape of `publications[].served[]`. No command writes them yet.',
  ],
];

/** docs/reference/evidence.md */
export function evidencePage(): string {
  return `${[
    generated('scripts/docs/evidence-page.ts'),
    '# The evidence',
    `The evidence is one JSON document with every fact of a run. Its key ${code('schema')} is ${code(evidence.EVIDENCE_SCHEMA)}; [evidence.schema.json](evidence.schema.json) describes it. Digests are whole, sizes are bytes, durations are milliseconds, times are UTC.`,
    'Sea Trial writes evidence and reads none: a file of version 1 stays as it is, and the schema of version 2 refuses it by its key `schema`. Scripts that read evidence should look at that key first.',
    '## From version 1 to version 2',
    table(
      ['version 1', 'version 2'],
      RENAMED.map(([before, now]) => [code(before), code(now)]),
    ),
    'New:',
    table(
      ['key', 'what it holds'],
      ADDED.map(([key, what]) => [code(key), what]),
    ),
  ].join('\n\n')}\n`;
}
