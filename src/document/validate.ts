import type { Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { cutOwner, isCut } from './cut-values.js';
import { formats } from './formats.js';
import { indentationProblems, keysAbove } from './indentation.js';
import { namedItems } from './named-items.js';
import type { ListNode, MapNode, NodeEntry, Position, ScalarNode, SourceNode } from './node.js';
import { createVocabulary, unknownKey, type Vocabulary } from './places.js';
import { isRefused, type Key, knownKeys, type MapShape, type Shape } from './shape.js';
import { expectedWords, foundWords, shortShape, unquotedBraces } from './words.js';

/** What is judged, as a sentence begins with it. */
interface Named {
  readonly what: string;
  /** What follows from its absence, where nothing need stand there. */
  readonly otherwise?: string;
}

function shown(raw: ScalarNode): string {
  return JSON.stringify(raw.text.slice(0, 60));
}

function judgeScalar(raw: ScalarNode, shape: Shape): string | undefined {
  switch (shape.kind) {
    case 'text':
      return shape.format === undefined ? undefined : formats[shape.format](raw.text);
    case 'boolean':
      return /^(true|false)$/i.test(raw.text)
        ? undefined
        : `${shown(raw)} is neither true nor false`;
    case 'integer': {
      const fits = /^-?\d{1,15}$/.test(raw.text) && Number(raw.text) >= shape.least;
      if (fits && Number(raw.text) <= shape.most) return undefined;
      return `${shown(raw)} is not a whole number from ${shape.least} to ${shape.most}`;
    }
    case 'choice': {
      if (shape.of.includes(raw.text)) return undefined;
      return `${shown(raw)} is not known here; there are: ${shape.of.join(', ')}`;
    }
    default:
      return undefined;
  }
}

/** ` (written as "${TAG}")`, where variables made the text. */
function originWords(raw: SourceNode): string {
  const written = raw.kind === 'scalar' ? raw.written : undefined;
  return written === undefined ? '' : ` (written as ${JSON.stringify(written.slice(0, 60))})`;
}

function placeWords({ line }: Position): string {
  return line === undefined ? '' : ` (also line ${line})`;
}

/** `build.args`-like tables written as a list: each item is NAME=value or NAME. */
function checkPairs(
  { items }: ListNode,
  shape: Shape & { readonly kind: 'table' },
  { what }: Named,
): readonly Problem[] {
  const first = new Map<string, Position>();
  return items.flatMap((item) => {
    if (item.kind !== 'scalar' || !/^[^=\s]/.test(item.text)) {
      const message = `an item of ${what} must be NAME=value, found ${foundWords(item)}`;
      return [{ ...item.at, message }];
    }
    const [name = ''] = item.text.split('=');
    const before = first.get(name);
    if (before === undefined) first.set(name, item.at);
    // Of inputs that a workflow puts together the last one counts, as in docker's own actions.
    if (before?.line === undefined || shape.repeats === true) return [];
    const message = `"${name}" appears twice in ${what}${placeWords(before)}; keep one of them`;
    return [{ ...item.at, message }];
  });
}

/** `latest`, of a description that ends `(default: latest).` */
function defaultOf({ description }: Exclude<Key, { readonly refused: string }>) {
  const [, otherwise] = /\(default: ([^()]*)\)/.exec(description) ?? [];
  return otherwise === undefined ? {} : { otherwise };
}

/**
 * About a key that is the rest of the value before it, which a comma without quotes ended: said
 * once for each value. Undefined of another key.
 */
function cutValue(
  raw: MapNode,
  entry: NodeEntry,
  known: readonly string[] = [],
): readonly Problem[] | undefined {
  if (!isCut(entry)) return undefined;
  // What stands behind it may be a secret.
  const [name = ''] = entry.key.split('=');
  if (known.includes(name)) {
    return [{ ...entry.at, message: `"${name}=…" is no key; in a map, write "${name}: …"` }];
  }
  const before = raw.entries.slice(0, raw.entries.indexOf(entry));
  const owner = cutOwner(before);
  if (owner === undefined) return undefined;
  if (owner !== before.at(-1)) return [];
  const message = `"${name}=…" is no key: a comma without quotes ends the value of "${owner.key}"; put the whole value in quotes`;
  return [{ ...entry.at, message }];
}

function checkEntry(
  raw: MapNode,
  entry: NodeEntry,
  shape: MapShape,
  vocabulary: Vocabulary,
): readonly Problem[] {
  const { key, written, at, value } = entry;
  const rule = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
  const unknown = (name: string, hint = '') => [
    { ...at, message: `${unknownKey(name, shape, raw, vocabulary)}${hint}` },
  ];
  if (rule === undefined) {
    if (shape.extensible && key.startsWith('x-')) return [];
    const cut = cutValue(raw, entry, knownKeys(shape));
    if (cut !== undefined) return cut;
    return unknown(key, unquotedBraces(raw));
  }
  if (isRefused(rule)) return [{ ...at, message: `"${key}": ${rule.refused}` }];
  const misspelt = written === undefined ? [] : unknown(written);
  if (value.kind === 'scalar' && value.empty && rule.required !== true) return misspelt;
  const named = { what: `"${key}"`, ...defaultOf(rule) };
  return [...misspelt, ...check(value, rule.shape, named, vocabulary)];
}

function checkMap(raw: MapNode, shape: MapShape, vocabulary: Vocabulary): readonly Problem[] {
  const missing = knownKeys(shape).filter((name) => {
    const rule = shape.keys[name];
    return rule !== undefined && !isRefused(rule) && rule.required === true;
  });
  const serves = (key: string, name: string) => {
    const rule = shape.keys[name];
    return key === name || (rule !== undefined && 'unless' in rule && key === rule.unless);
  };
  const owners = keysAbove(raw, shape);
  return [
    ...indentationProblems(raw, shape),
    ...raw.entries
      .filter(({ key }) => !owners.has(key))
      .flatMap((entry) => checkEntry(raw, entry, shape, vocabulary)),
    ...missing
      .filter((name) => !raw.entries.some(({ key }) => serves(key, name)))
      .map((name) => ({ ...raw.at, message: `${shape.what} has no "${name}"` })),
  ];
}

function checkTable(
  raw: MapNode,
  shape: Shape & { readonly kind: 'table' },
  vocabulary: Vocabulary,
): readonly Problem[] {
  return raw.entries.flatMap((one) => {
    const { key, at, value } = one;
    if (shape.names !== undefined && !shape.names.includes(key)) {
      const near = nearest(key, shape.names);
      return [
        { ...at, message: `unknown code "${key}"${near ? `; did you mean "${near}"?` : ''}` },
      ];
    }
    // Builder and engine are given NAME=value, and read the name up to the first "=".
    if (key === '' || key.includes('=')) {
      const cut = cutValue(raw, one);
      if (cut !== undefined) return cut;
      return [{ ...at, message: `"${key}" is not a name; a name has characters, and no "="` }];
    }
    if (value.kind === 'scalar' && value.empty) return [];
    return check(value, shape.of, { what: `"${key}"` }, vocabulary);
  });
}

/** Whether a place is of a kind that a shape may be written as; what it says is not looked at. */
function isKind(raw: SourceNode, shape: Shape): boolean {
  if (raw.kind === 'scalar' && raw.empty) return false;
  switch (shape.kind) {
    case 'list':
      return raw.kind === 'list' || (shape.single === true && isKind(raw, shape.of));
    case 'table':
      return raw.kind === 'map' || (raw.kind === 'list' && shape.list === true);
    case 'map': {
      const short = shortShape(shape);
      return raw.kind === 'map' || (short !== undefined && isKind(raw, short));
    }
    default:
      return raw.kind === 'scalar';
  }
}

function emptyList({ what, otherwise }: Named): string {
  const rest =
    otherwise === undefined
      ? 'it needs an item'
      : `write an item, or leave it out (default: ${otherwise})`;
  return `${what} is an empty list; ${rest}`;
}

function check(
  raw: SourceNode,
  shape: Shape,
  named: Named,
  vocabulary: Vocabulary,
): readonly Problem[] {
  const refuse = (message: string) => [{ ...raw.at, message }];
  const list = shape.kind === 'list' ? namedItems(raw, shape.of) : undefined;
  if (list !== undefined) {
    return refuse(`${named.what} is a list, found a map of names; write ${list}`);
  }
  if (!isKind(raw, shape)) {
    return refuse(
      `${named.what} must be ${expectedWords(shape)}, found ${foundWords(raw)}${unquotedBraces(raw)}`,
    );
  }
  switch (shape.kind) {
    case 'list': {
      if (raw.kind !== 'list') return check(raw, shape.of, named, vocabulary);
      if (raw.items.length === 0 && shape.filled) return refuse(emptyList(named));
      const item = { what: `an item of ${named.what}` };
      return raw.items.flatMap((one) => check(one, shape.of, item, vocabulary));
    }
    case 'table':
      if (raw.kind === 'list') return checkPairs(raw, shape, named);
      return raw.kind === 'map' ? checkTable(raw, shape, vocabulary) : [];
    case 'map': {
      if (raw.kind === 'map') return checkMap(raw, shape, vocabulary);
      // What stands there is a whole one, and no list of them.
      if (raw.kind === 'list' && raw.items.length === 0) return refuse(`${shape.what} is empty`);
      const short = shortShape(shape);
      return short === undefined ? [] : check(raw, short, named, vocabulary);
    }
    default: {
      const message = raw.kind === 'scalar' ? judgeScalar(raw, shape) : undefined;
      return message === undefined ? [] : refuse(`${message}${originWords(raw)}`);
    }
  }
}

/** Every problem of a tree; `what` is what it is called, as in `an item of "images"`. */
export function validate(
  raw: SourceNode,
  shape: Shape,
  what: string,
  vocabulary: Vocabulary = createVocabulary(shape),
): readonly Problem[] {
  return check(raw, shape, { what }, vocabulary);
}
