import { child, items, mapScalars, type SourceNode } from '../document/index.js';
import { programTexts } from '../kinds/index.js';
import { divideTests, mapBuild } from './placeholders.js';

/** Where texts stand, for what may be written instead of a variable in one. */
export interface TextPlaces {
  /** Those that a test runs, in which a shell may read a variable. */
  readonly shell: ReadonlySet<SourceNode>;
  /** Those whose placeholders are replaced. */
  readonly perPlatform: ReadonlySet<SourceNode>;
}

/** Texts that are no part of an image. */
export const NO_PLACES: TextPlaces = { shell: new Set(), perPlatform: new Set() };

/** The places of the texts of a configuration, before anything is replaced. */
export function textPlaces(root: SourceNode): TextPlaces {
  const shell = new Set<SourceNode>();
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
    for (const test of items(image, 'tests')) {
      for (const one of divideTests(test).rest) keep(one);
      for (const one of programTexts(test).run) shell.add(one);
    }
  }
  return { shell, perPlatform };
}
