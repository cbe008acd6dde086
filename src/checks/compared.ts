import type { LayerFacts, TreeEntry, TreeRow } from '../contents/index.js';
import type { PlannedImage } from '../evidence/index.js';
import type { ImageConfig } from '../oci/index.js';
import { layerWords } from './inspected.js';

/** An image as it was built for one platform, beside the others. */
export interface BuiltPlatform {
  readonly platform: string;
  readonly config: ImageConfig;
  readonly layers: readonly LayerFacts[];
  /** How many of the layers, from the first on, the base brought; 0 where that is not known. */
  readonly baseLayers: number;
}

/** An image's platforms with their trees side by side. */
export interface Compared {
  readonly image: string;
  /** Files that may be for another platform. */
  readonly foreign: PlannedImage['foreign'];
  readonly platforms: readonly BuiltPlatform[];
  /** By path; each row in the order of the platforms. */
  readonly rows: ReadonlyMap<string, TreeRow>;
  /** The same, where paths that differ in an architecture alone are one. */
  readonly alike: readonly TreeRow[];
}

/** What a platform has in a row. */
export interface Seen extends TreeEntry {
  readonly on: BuiltPlatform;
}

export function seenIn(row: TreeRow, platforms: readonly BuiltPlatform[]): readonly Seen[] {
  return platforms.flatMap((on, at) => {
    const standing = row[at];
    return standing === undefined ? [] : [{ ...standing, on }];
  });
}

/** Where programs leave what is another each time. */
const PASSING = /^\/(?:var\/log|var\/cache|run|tmp)(?:\/|$)/;

/** Whether a difference there is the image's own: not what its bases brought, and not what comes and goes. */
export function isJudged(seen: readonly Seen[]): boolean {
  return seen.some(({ path, layer, on }) => layer > on.baseLayers && !PASSING.test(path));
}

/** `linux/arm64, layer 3 of 4, RUN make` */
export function placeOf({ layer, on }: Seen): string {
  return `${on.platform}, ${layerWords(layer, on)}`;
}
