import { child, items, type SourceNode } from '../document/index.js';

/**
 * The tags of an image or a target: latest where none are written. Those that could not be read
 * are left out, so that nothing is said of what they would be.
 */
export function tagsOf(raw: SourceNode): readonly string[] {
  if (child(raw, 'tags') === undefined) return ['latest'];
  return items(raw, 'tags').flatMap((one) =>
    one.kind === 'scalar' && one.unknown !== true ? [one.text] : [],
  );
}

/** Whether every target of an image says its tags. */
export function hasTags(image: SourceNode): boolean {
  const targets = child(image, 'name') === undefined ? items(image, 'targets') : [image];
  return targets.every((one) => child(one, 'tags') !== undefined);
}
