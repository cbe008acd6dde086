import { nearest } from '../platform/index.js';
import { keyAbove } from './indentation.js';
import type { MapNode, NodeEntry, SourceNode } from './node.js';
import { isRefused, knownKeys, type Shape } from './shape.js';

function correctMap(raw: MapNode, shape: Shape & { readonly kind: 'map' }): MapNode {
  const known = knownKeys(shape);
  const taken = new Set(raw.entries.map(({ key }) => key));
  const entries = raw.entries.map((entry): NodeEntry => {
    if (keyAbove(raw, entry, shape) !== undefined) return entry;
    const meant = meantBy(entry.key, shape, known);
    if (meant === undefined || taken.has(meant)) return entry;
    taken.add(meant);
    return { ...entry, key: meant, written: entry.key };
  });
  return {
    ...raw,
    entries: entries.map((entry) => {
      const rule = Object.hasOwn(shape.keys, entry.key) ? shape.keys[entry.key] : undefined;
      if (rule === undefined || isRefused(rule)) return entry;
      return { ...entry, value: corrected(entry.value, rule.shape) };
    }),
  };
}

function meantBy(
  key: string,
  shape: Shape & { readonly kind: 'map' },
  known: readonly string[],
): string | undefined {
  if (Object.hasOwn(shape.keys, key)) return undefined;
  if (shape.extensible && key.startsWith('x-')) return undefined;
  return nearest(key, known);
}

/**
 * The tree with misspelt keys under the names that were probably meant, each
 * with what was written: it stays a problem, and nothing follows from the
 * absence of the other. A name that is there as well is left alone.
 */
export function corrected(raw: SourceNode, shape: Shape): SourceNode {
  if (shape.kind === 'list') {
    if (raw.kind !== 'list') return shape.single === true ? corrected(raw, shape.of) : raw;
    return { ...raw, items: raw.items.map((item) => corrected(item, shape.of)) };
  }
  if (raw.kind !== 'map') return raw;
  if (shape.kind === 'map') return correctMap(raw, shape);
  if (shape.kind !== 'table') return raw;
  const entries = raw.entries.map((one) => ({ ...one, value: corrected(one.value, shape.of) }));
  return { ...raw, entries };
}
