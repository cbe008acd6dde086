import { joinWords, type Problem } from '../evidence/index.js';
import type { MapNode, NodeEntry, SourceNode } from './node.js';
import { isRefused, knownKeys, type MapShape, type Shape } from './shape.js';

/** The keys that may be written below a place: in its map, or in the items of its list. */
function keysBelow(shape: Shape): readonly string[] {
  if (shape.kind === 'list') return keysBelow(shape.of);
  return shape.kind === 'map' ? knownKeys(shape) : [];
}

function shapeOf(key: string, { keys }: MapShape): Shape | undefined {
  const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
  return rule === undefined || isRefused(rule) ? undefined : rule.shape;
}

/** Whether further keys can stand below what is written: not below a text. */
function isOpen(value: SourceNode): boolean {
  if (value.kind !== 'list') return value.kind === 'map' || value.empty;
  const last = value.items.at(-1);
  return last === undefined || isOpen(last);
}

/**
 * Unknown keys that were to stand below another one, and stand beside it: each with the nearest
 * above it that has such a key.
 */
export function keysAbove(raw: MapNode, shape: MapShape): ReadonlyMap<string, NodeEntry> {
  const owners = new Map<string, NodeEntry>();
  const found = new Map<string, NodeEntry>();
  for (const entry of raw.entries) {
    const owner = Object.hasOwn(shape.keys, entry.key) ? undefined : owners.get(entry.key);
    if (owner !== undefined) found.set(entry.key, owner);
    const below = shapeOf(entry.key, shape);
    if (below === undefined || !isOpen(entry.value)) continue;
    for (const key of keysBelow(below)) owners.set(key, entry);
  }
  return found;
}

/** One problem for all keys that stand beside the one which they belong below. */
export function indentationProblems(raw: MapNode, shape: MapShape): readonly Problem[] {
  const owners = keysAbove(raw, shape);
  const groups = Map.groupBy(raw.entries, ({ key }) => owners.get(key));
  return [...groups].flatMap(([above, entries]) => {
    const [first] = entries;
    if (above === undefined || first === undefined) return [];
    const names = entries.map(({ key }) => `"${key}"`);
    const [belong, them] = entries.length === 1 ? ['belongs', 'it'] : ['belong', 'them'];
    const isList = shapeOf(above.key, shape)?.kind === 'list';
    const where = isList ? `to an item of "${above.key}"` : `below "${above.key}"`;
    const message = `${joinWords(names)} ${belong} ${where} (line ${above.at.line}); indent ${them} further`;
    return [{ ...first.at, message }];
  });
}
