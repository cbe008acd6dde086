import { joinWords, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { formats } from './formats.js';
import { indentationProblems, keyAbove } from './indentation.js';
import type { MapNode, ScalarNode, SourceNode } from './node.js';
import { isRefused, knownKeys, type Shape } from './shape.js';

const NAMES: Record<Shape['kind'], string> = {
  text: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  choice: 'a word',
  list: 'a list',
  table: 'names with values',
  map: 'a map',
};

function kindOf(raw: SourceNode): string {
  if (raw.kind !== 'scalar') return `a ${raw.kind}`;
  return raw.empty ? 'nothing' : JSON.stringify(raw.text.slice(0, 60));
}

function judgeScalar(raw: ScalarNode, shape: Shape): string | undefined {
  const found = kindOf(raw);
  switch (shape.kind) {
    case 'text':
      return shape.format === undefined ? undefined : formats[shape.format](raw.text);
    case 'boolean':
      return /^(true|false)$/i.test(raw.text) ? undefined : `${found} is neither true nor false`;
    case 'integer': {
      const fits = /^-?\d{1,15}$/.test(raw.text) && Number(raw.text) >= shape.least;
      if (fits && Number(raw.text) <= shape.most) return undefined;
      return `${found} is not a whole number from ${shape.least} to ${shape.most}`;
    }
    case 'choice': {
      if (shape.of.includes(raw.text)) return undefined;
      return `${found} is not known here; there are: ${shape.of.join(', ')}`;
    }
    default:
      return undefined;
  }
}

/** `build.args`-like tables written as a list: each item is NAME=value or NAME. */
function checkPairs(items: readonly SourceNode[], where: string): readonly Problem[] {
  return items.flatMap((item) => {
    if (item.kind === 'scalar' && /^[^=\s]/.test(item.text)) return [];
    return [{ ...item.at, message: `"${where}" takes items as NAME=value, found ${kindOf(item)}` }];
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const hint = near === undefined ? `there are: ${known.join(', ')}` : `did you mean "${near}"?`;
  return `unknown key "${key}"; ${hint}`;
}

function checkMap(raw: MapNode, shape: Shape & { readonly kind: 'map' }): readonly Problem[] {
  const known = knownKeys(shape);
  const problems = raw.entries.flatMap((entry): readonly Problem[] => {
    const { key, written, at, value } = entry;
    const rule = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
    if (rule === undefined && shape.extensible && key.startsWith('x-')) return [];
    if (rule === undefined && keyAbove(raw, entry, shape) !== undefined) return [];
    if (rule === undefined) return [{ ...at, message: unknownKey(key, known) }];
    if (isRefused(rule)) return [{ ...at, message: `"${key}": ${rule.refused}` }];
    const misspelt = written === undefined ? [] : [{ ...at, message: unknownKey(written, known) }];
    if (value.kind === 'scalar' && value.empty && rule.required !== true) return misspelt;
    return [...misspelt, ...validate(value, rule.shape, key)];
  });
  const missing = known.filter((name) => {
    const rule = shape.keys[name];
    return rule !== undefined && !isRefused(rule) && rule.required === true;
  });
  const serves = (key: string, name: string) => {
    const rule = shape.keys[name];
    return key === name || (rule !== undefined && 'unless' in rule && key === rule.unless);
  };
  return [
    ...indentationProblems(raw, shape),
    ...problems,
    ...missing
      .filter((name) => !raw.entries.some(({ key }) => serves(key, name)))
      .map((name) => ({ ...raw.at, message: `${shape.what} has no "${name}"` })),
  ];
}

function checkTable(raw: MapNode, shape: Shape & { readonly kind: 'table' }): readonly Problem[] {
  return raw.entries.flatMap(({ key, at, value }) => {
    if (shape.names !== undefined && !shape.names.includes(key)) {
      const near = nearest(key, shape.names);
      return [
        { ...at, message: `unknown code "${key}"${near ? `; did you mean "${near}"?` : ''}` },
      ];
    }
    // Builder and engine are given NAME=value, and read the name up to the first "=".
    if (key === '' || key.includes('=')) {
      return [{ ...at, message: `"${key}" is not a name; a name has characters, and no "="` }];
    }
    return value.kind === 'scalar' && value.empty ? [] : validate(value, shape.of, key);
  });
}

/** ` with "path" and "reason"`: the keys that a map must have. */
function requiredKeys({ keys }: Shape & { readonly kind: 'map' }): string {
  const names = Object.entries(keys).flatMap(([name, key]) =>
    !isRefused(key) && key.required === true ? [`"${name}"`] : [],
  );
  return names.length === 0 ? '' : ` with ${joinWords(names)}`;
}

/** Every problem of a tree; `where` is the key that it stands under. */
export function validate(raw: SourceNode, shape: Shape, where: string): readonly Problem[] {
  const wrong = (keys = ''): readonly Problem[] => {
    const message = `"${where}" takes ${NAMES[shape.kind]}${keys}, found ${kindOf(raw)}`;
    return [{ ...raw.at, message }];
  };
  switch (shape.kind) {
    case 'list': {
      const items = raw.kind === 'list' ? raw.items : [raw];
      if (raw.kind !== 'list' && (shape.single !== true || kindOf(raw) === 'nothing'))
        return wrong();
      if (items.length === 0 && shape.filled) {
        return [{ ...raw.at, message: `"${where}" is an empty list` }];
      }
      return items.flatMap((item) => validate(item, shape.of, where));
    }
    case 'table':
      if (raw.kind === 'list' && shape.list) return checkPairs(raw.items, where);
      return raw.kind === 'map' ? checkTable(raw, shape) : wrong();
    case 'map': {
      if (raw.kind === 'map') return checkMap(raw, shape);
      const rule = shape.short === undefined ? undefined : shape.keys[shape.short];
      if (rule === undefined || isRefused(rule) || kindOf(raw) === 'nothing') {
        return wrong(requiredKeys(shape));
      }
      // What stands there is a whole one, and no list of them.
      if (raw.kind === 'list' && raw.items.length === 0) {
        return [{ ...raw.at, message: `${shape.what} is empty` }];
      }
      return validate(raw, rule.shape, where);
    }
    default: {
      if (raw.kind !== 'scalar' || raw.empty) return wrong();
      const message = judgeScalar(raw, shape);
      return message === undefined ? [] : [{ ...raw.at, message }];
    }
  }
}
