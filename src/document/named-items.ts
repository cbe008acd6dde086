import type { NodeEntry, SourceNode } from './node.js';
import { knownKeys, type MapShape, type Shape } from './shape.js';

const LONGEST = 40;

/** A text as it may stand between brackets. */
function inBrackets(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  const isPlain = /^[\w./$][^,[\]{}#]*$/.test(short) && !/:(?:\s|$)/.test(short);
  return isPlain ? short : JSON.stringify(short);
}

/** `{ name: greets, run: greeter }`: an item for a key that is its name; undefined where what stands behind it is no short form. */
export function namedItem(
  { key, value }: NodeEntry,
  own: string,
  { short, keys }: MapShape,
): string | undefined {
  const name = `${own}: ${inBrackets(key)}`;
  if (value.kind === 'map') {
    const isItem = value.entries.every((one) => Object.hasOwn(keys, one.key));
    return isItem ? `{ ${name}, … }` : undefined;
  }
  if (short === undefined || (value.kind === 'scalar' && value.empty)) return undefined;
  const text = value.kind === 'scalar' ? inBrackets(value.text) : '[…]';
  return `{ ${name}, ${short}: ${text} }`;
}

/** The list of `{ name: KEY, … }` that a map of names was meant to be; undefined where it was not. */
export function namedItems(raw: SourceNode, shape: Shape): string | undefined {
  if (raw.kind !== 'map' || shape.kind !== 'map') return undefined;
  const [first] = raw.entries;
  if (first === undefined || !knownKeys(shape).includes('name')) return undefined;
  if (raw.entries.some(({ key }) => Object.hasOwn(shape.keys, key))) return undefined;
  const items = raw.entries.map((one) => namedItem(one, 'name', shape));
  if (items[0] === undefined || items.includes(undefined)) return undefined;
  return `[${items[0]}${items.length > 1 ? ', …' : ''}]`;
}
