import type { Key, Shape } from '../../src/config/index.js';
import { config, parity } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;
type TextFormat = NonNullable<Extract<Shape, { kind: 'text' }>['format']>;

/**
 * What a text of each format looks like at least. The program's own rules are
 * narrower: docs/reference/configuration.md lists what a schema cannot say.
 */
const FORMATS: Readonly<Record<TextFormat, string>> = {
  'any-platform': '^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}$',
  buildpack: '^[^@\\s]+@[^@\\s]+$',
  day: '^\\d{4}-\\d{2}-\\d{2}$',
  digest: '^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$',
  'creation-time': '^(now|[0-9]{1,12})$',
  duration: '^(?=\\d)(\\d{1,9}h)?(\\d{1,9}m)?(\\d{1,9}s)?(\\d{1,9}ms)?$',
  filled: '\\S',
  glob: '\\S',
  id: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$',
  pattern: '',
  pin: '@sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$',
  platform: '^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}$',
  process: '^[A-Za-z0-9._-]+$',
  reference:
    '^[A-Za-z0-9.:_-]+(/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha[0-9]+:[0-9a-f]+)?$',
  repository: '^[A-Za-z0-9.:_-]+(/[a-z0-9._-]+)*$',
  tag: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
  version: '^\\d{1,9}(\\.\\d{1,9}){0,3}$',
  time: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$',
  variable: '^[A-Za-z0-9_.-]+$',
};

/** Whether texts of the document that is described may hold variables. */
let hasVariables = true;

/** A variable, or a part of a Dockerfile's name: what it becomes is not known yet. */
const VARIABLE = { type: 'string', pattern: '\\$\\{|\\{version\\}' };

function scalar(fits: Json): Json {
  return hasVariables ? { anyOf: [fits, VARIABLE] } : fits;
}

/** Numbers and booleans are texts as they are written: `1.10`, `true`. */
function text(format: TextFormat | undefined): Json {
  const pattern = format === undefined ? '' : FORMATS[format];
  if (pattern === '') return { type: ['string', 'number', 'boolean'] };
  return scalar({ type: ['string', 'number', 'boolean'], pattern });
}

function list(shape: Extract<Shape, { kind: 'list' }>): Json {
  const items = schemaOf(shape.of);
  const whole = { type: 'array', items, ...(shape.filled ? { minItems: 1 } : {}) };
  return shape.single ? { anyOf: [whole, items] } : whole;
}

function table(shape: Extract<Shape, { kind: 'table' }>): Json {
  const { of, names } = shape;
  const values = { anyOf: [schemaOf(of), { type: 'null' }] };
  const map =
    names === undefined
      ? { type: 'object', additionalProperties: values, propertyNames: { pattern: '^[^=]+$' } }
      : {
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(names.map((name) => [name, values])),
        };
  if (!shape.list) return map;
  return { anyOf: [map, { type: 'array', items: { type: 'string', pattern: '^[^=\\s]' } }] };
}

/** The definitions of maps, each by the noun that messages call it by. */
const definitions = new Map<string, Json>();

function definition(shape: Extract<Shape, { kind: 'map' }>): Json {
  const name = shape.what.replace(/^this |"/g, '');
  if (!definitions.has(name)) {
    // Its place is taken before it is made, so that a map may hold itself.
    definitions.set(name, {});
    definitions.set(name, map(shape));
  }
  return { $ref: `#/$defs/${name}` };
}

/** A key without a value is as good as absent, unless it is needed. */
function property(key: Key): Json {
  if ('refused' in key) return { not: {}, description: `Refused: ${key.refused}.` };
  const { shape, description, required } = key;
  const value = schemaOf(shape);
  return { description, ...(required ? value : { anyOf: [value, { type: 'null' }] }) };
}

/** Strict validators want to see what they require. */
function needs(name: string): Json {
  return { properties: { [name]: true }, required: [name] };
}

function map(shape: Extract<Shape, { kind: 'map' }>): Json {
  const keys = Object.entries(shape.keys);
  const needed = keys.flatMap(([name, key]) =>
    'required' in key && key.required ? [{ name, unless: key.unless }] : [],
  );
  const required = needed.filter(({ unless }) => unless === undefined).map(({ name }) => name);
  const either = needed.flatMap(({ name, unless }) =>
    unless === undefined ? [] : [{ anyOf: [name, unless].map(needs) }],
  );
  const whole = {
    type: 'object',
    properties: Object.fromEntries(keys.map(([name, key]) => [name, property(key)])),
    ...(shape.extensible ? { patternProperties: { '^x-': {} } } : {}),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    ...(either.length === 0 ? {} : { allOf: either }),
  };
  const short = shape.short === undefined ? undefined : shape.keys[shape.short];
  if (short === undefined || 'refused' in short) return whole;
  return { anyOf: [whole, schemaOf(short.shape)] };
}

function schemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case 'text':
      return text(shape.format);
    case 'boolean':
      return scalar({
        anyOf: [
          { type: 'boolean' },
          { type: 'string', pattern: '^([Tt]rue|TRUE|[Ff]alse|FALSE)$' },
        ],
      });
    case 'integer':
      return scalar({
        anyOf: [
          { type: 'integer', minimum: shape.least, maximum: shape.most },
          { type: 'string', pattern: '^[0-9]+$' },
        ],
      });
    case 'choice':
      // A number is its text here, and a number to editors.
      return scalar({
        enum: shape.of.flatMap((one) => (/^\d+$/.test(one) ? [one, Number(one)] : [one])),
      });
    case 'list':
      return list(shape);
    case 'table':
      return table(shape);
    case 'map':
      return definition(shape);
  }
}

function documentSchema(
  root: Shape,
  head: Readonly<Record<'$id' | 'title' | 'description', string>>,
) {
  if (root.kind !== 'map') throw new Error(`${head.title} is not a map`);
  definitions.clear();
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...head,
    ...map(root),
    $defs: Object.fromEntries(definitions),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** docs/reference/sea-trial.schema.json */
export function configurationSchema(): string {
  hasVariables = true;
  return documentSchema(config.configuration, {
    $id: 'urn:sea-trial:configuration',
    title: 'sea-trial.yml',
    description: 'What sea-trial builds, tests, publishes and verifies.',
  });
}

/** docs/reference/sea-trial-lock.schema.json */
export function lockSchema(): string {
  hasVariables = false;
  return documentSchema(parity.lockShape, {
    $id: 'urn:sea-trial:lock',
    title: 'sea-trial.lock',
    description: 'What images from buildpacks are built with.',
  });
}
