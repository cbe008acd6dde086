import type { NodeEntry, Position, SourceNode } from './node.js';

/* Values in braces that a comma without quotes ended: `{ cache_to: type=gha,mode=max }`. */

/** `mode=max` as a key alone. */
export function isCut({ key, value }: NodeEntry): boolean {
  return key.includes('=') && value.kind === 'scalar' && value.empty;
}

/** The entry whose value goes on behind those entries; undefined where none has one. */
export function cutOwner(before: readonly NodeEntry[]): NodeEntry | undefined {
  const owner = before.findLast((one) => !isCut(one));
  return owner?.value.kind === 'scalar' && !owner.value.empty ? owner : undefined;
}

/** Where the beginnings of such values stand, of which there is nothing to say. */
export function cutPlaces(raw: SourceNode): readonly Position[] {
  if (raw.kind === 'scalar') return [];
  if (raw.kind === 'list') return raw.items.flatMap(cutPlaces);
  const own = raw.entries.flatMap((one, at) => {
    const owner = isCut(one) ? cutOwner(raw.entries.slice(0, at)) : undefined;
    return owner === undefined ? [] : [owner.value.at];
  });
  return [...own, ...raw.entries.flatMap(({ value }) => cutPlaces(value))];
}
