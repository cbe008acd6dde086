import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { code, generated, table } from './markdown.ts';
import { evidence, schema as model } from './sources.ts';

interface Key {
  readonly path: string;
  readonly value: string;
  readonly always: boolean;
}

/** What a value is, in a word or two. */
function valueText({ const: only, enum: some, type, format, anyOf, items }: JsonSchema): string {
  if (only !== undefined) return code(String(only));
  if (some !== undefined) return some.map((one) => code(String(one))).join(', ');
  if (format !== undefined) return format === 'date-time' ? 'time' : format;
  if (anyOf !== undefined) {
    return [...new Set(anyOf.map((one) => valueText(one as JsonSchema)))].join(' or ');
  }
  if (typeof items === 'object' && !Array.isArray(items)) {
    return `list of ${valueText(items as JsonSchema)}`;
  }
  return type === undefined ? 'any' : String(type);
}

/** Every key below a value, depth first, in the order of the schema. */
function keysBelow(at: JsonSchema, path: string): readonly Key[] {
  const { properties = {}, required = [], items, additionalProperties, anyOf = [] } = at;
  const inside = Object.entries(properties).flatMap(([name, value]) => {
    const own = value as JsonSchema;
    const key = path === '' ? name : `${path}.${name}`;
    return [
      { path: key, value: valueText(own), always: required.includes(name) },
      ...keysBelow(own, key),
    ];
  });
  const parts: readonly (readonly [unknown, string])[] = [
    [items, `${path}[]`],
    [additionalProperties, `${path}.NAME`],
    ...anyOf.map((one) => [one, path] as const),
  ];
  const below = parts.flatMap(([one, key]) =>
    typeof one === 'object' && one !== null ? keysBelow(one as JsonSchema, key) : [],
  );
  return [...inside, ...below];
}

/** The keys of the evidence; of two shapes of one value, a key of both stands once. */
function keys(): readonly Key[] {
  const all = keysBelow(toJsonSchema(model.evidence, { target: 'draft-2020-12' }), '');
  return [...new Map(all.map((key) => [key.path, key])).values()];
}

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
    'The evidence has no key for the verdict, which is computed from these facts: the exit code gives it, and the output `verdict` of the action.',
    '## The keys',
    table(
      ['key', 'value', 'always there'],
      keys().map(({ path, value, always }) => [code(path), value, always ? 'yes' : '']),
    ),
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
