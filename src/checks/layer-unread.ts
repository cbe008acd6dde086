import { type Finding, finding } from '../evidence/index.js';
import { createdBy } from '../oci/index.js';
import type { Inspected } from './inspected.js';

/** Layers that could not be read to their end, or not as engines unpack them: what they hold is not looked into. */
export function layerUnread({ image, platform, config, layers }: Inspected): readonly Finding[] {
  return layers.flatMap(({ problems }, number) => {
    if (problems.length === 0) return [];
    const made = createdBy(config, number + 1);
    const message = `Layer ${number + 1} of ${layers.length} could not be read.`;
    return [
      finding('layer-unread', { image, platform }, message, {
        detail: [...problems, ...(made === undefined ? [] : [`made by ${made.slice(0, 200)}`])],
      }),
    ];
  });
}
