import { keysAbove } from './indentation.js';
import type { MapNode, NodeEntry, SourceNode } from './node.js';
import { createVocabulary, meantKey, type Vocabulary } from './places.js';
import { isRefused, type MapShape, type Shape } from './shape.js';

function correctMap(raw: MapNode, shape: MapShape, vocabulary: Vocabulary): MapNode {
  const owners = keysAbove(raw, shape);
  const taken = new Set(raw.entries.map(({ key }) => key));
  const entries = raw.entries.map((entry): NodeEntry => {
    if (owners.has(entry.key)) return entry;
    const isTaken = shape.extensible === true && entry.key.startsWith('x-');
    const meant = isTaken ? undefined : meantKey(entry.key, shape, vocabulary);
    if (meant === undefined || taken.has(meant)) return entry;
    taken.add(meant);
    return { ...entry, key: meant, written: entry.key };
  });
  return {
    ...raw,
    entries: entries.map((entry) => {
      const rule = Object.hasOwn(shape.keys, entry.key) ? shape.keys[entry.key] : undefined;
      if (rule === undefined || isRefused(rule)) return entry;
      return { ...entry, value: corrected(entry.value, rule.shape, vocabulary) };
    }),
  };
}

/**
 * The tree with misspelt keys under the names that were probably meant, each
 * with what was written: it stays a problem, and nothing follows from the
 * absence of the other. A name that is there as well is left alone.
 */
export function corrected(
  raw: SourceNode,
  shape: Shape,
  vocabulary: Vocabulary = createVocabulary(shape),
): SourceNode {
  const within = (value: SourceNode, of: Shape) => corrected(value, of, vocabulary);
  if (shape.kind === 'list') {
    if (raw.kind !== 'list') return shape.single === true ? within(raw, shape.of) : raw;
    return { ...raw, items: raw.items.map((item) => within(item, shape.of)) };
  }
  if (raw.kind !== 'map') return raw;
  if (shape.kind === 'map') return correctMap(raw, shape, vocabulary);
  if (shape.kind !== 'table') return raw;
  const entries = raw.entries.map((one) => ({ ...one, value: within(one.value, shape.of) }));
  return { ...raw, entries };
}
