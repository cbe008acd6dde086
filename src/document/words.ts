import { joinWords } from '../evidence/index.js';
import type { SourceNode } from './node.js';
import { isRefused, type MapShape, type Shape } from './shape.js';

/* What is expected and what was found, in the words of messages. */

const LONGEST = 60;
const LISTED = 3;

function scalarWords(text: string): string {
  if (/^-?\d+(\.\d+)?$/.test(text)) return `the number ${text.slice(0, LONGEST)}`;
  if (/^(true|false)$/i.test(text)) return text;
  return `the text ${JSON.stringify(text.slice(0, LONGEST))}`;
}

/** What stands at a place: `the number 5`, `a map with "a"`, `nothing`. */
export function foundWords(raw: SourceNode): string {
  switch (raw.kind) {
    case 'scalar':
      return raw.empty ? 'nothing' : scalarWords(raw.text);
    case 'list':
      return raw.items.length === 0 ? 'an empty list' : 'a list';
    case 'map': {
      if (raw.entries.length === 0) return 'an empty map';
      const names = raw.entries.slice(0, LISTED).map(({ key }) => `"${key.slice(0, LONGEST)}"`);
      return `a map with ${raw.entries.length > LISTED ? names.join(', ') : joinWords(names)}`;
    }
  }
}

/** ` with "path" and "reason"`: the keys that a map must have. */
function requiredKeys({ keys }: MapShape): string {
  const names = Object.entries(keys).flatMap(([name, key]) =>
    !isRefused(key) && key.required === true ? [`"${name}"`] : [],
  );
  return names.length === 0 ? '' : ` with ${joinWords(names)}`;
}

/** What a map's short form may be; nothing where it has none. */
export function shortShape({ short, keys }: MapShape): Shape | undefined {
  const rule = short === undefined ? undefined : keys[short];
  return rule === undefined || isRefused(rule) ? undefined : rule.shape;
}

/** Each way in which a shape may be written. */
function ways(shape: Shape): readonly string[] {
  switch (shape.kind) {
    case 'text':
      return ['a text'];
    case 'boolean':
      return ['true', 'false'];
    case 'integer':
      return [`a whole number from ${shape.least} to ${shape.most}`];
    case 'choice':
      return shape.of;
    case 'list': {
      const list = shape.of.kind === 'text' ? 'a list of texts' : 'a list';
      const single = shape.single === true ? ways(shape.of) : [];
      return [...single.filter((way) => !way.startsWith('a list')), list];
    }
    case 'table':
      return shape.list === true
        ? ['a map of names with values', 'a list of NAME=value']
        : ['a map of names with values'];
    case 'map': {
      const short = shortShape(shape);
      return short === undefined ? [`a map${requiredKeys(shape)}`] : [...ways(short), 'a map'];
    }
  }
}

/** `a text or a list of texts`: what a shape takes. */
export function expectedWords(shape: Shape): string {
  return joinWords(ways(shape), 'or');
}

/** About braces without quotes, where the only key of a map has no value; nothing elsewhere. */
export function unquotedBraces(raw: SourceNode): string {
  if (raw.kind !== 'map' || raw.entries.length !== 1) return '';
  const [{ key, value } = { key: '', value: raw }] = raw.entries;
  if (value.kind !== 'scalar' || !value.empty || !/^[\w-]+$/.test(key)) return '';
  return `; {${key}} without quotes is a map in YAML: for a text, put it in quotes, '{${key}}'`;
}
