import { child, items, mapScalars, type SourceNode } from '../document/index.js';
import { programTexts } from '../kinds/index.js';
import { divideTests, mapBuild } from './placeholders.js';

/** What else reads variables in a text: the shell of a test, or the Dockerfile whose words "native" repeats. */
export type VariableReader = 'shell' | 'Dockerfile';

/** Where texts stand, for what may be written instead of a variable in one. */
export interface TextPlaces {
  readonly readers: ReadonlyMap<SourceNode, VariableReader>;
  /** Those whose placeholders are replaced. */
  readonly perPlatform: ReadonlySet<SourceNode>;
}

/** Texts that are no part of an image. */
export const NO_PLACES: TextPlaces = { readers: new Map(), perPlatform: new Set() };

/** The places of the texts of a configuration, before anything is replaced. */
export function textPlaces(root: SourceNode): TextPlaces {
  const readers = new Map<SourceNode, VariableReader>();
  const perPlatform = new Set<SourceNode>();
  const keep = (raw: SourceNode) =>
    mapScalars(raw, (one) => {
      perPlatform.add(one);
      return one;
    });
  const vars = child(root, 'vars');
  // What a variable holds is replaced where the variable stands.
  if (vars !== undefined) keep(vars);
  for (const image of items(root, 'images')) {
    mapBuild(image, keep);
    for (const one of items(child(image, 'build'), 'native')) readers.set(one, 'Dockerfile');
    for (const test of items(image, 'tests')) {
      for (const one of divideTests(test).rest) keep(one);
      for (const one of programTexts(test).run) readers.set(one, 'shell');
    }
  }
  return { readers, perPlatform };
}
