import {
  type Evidence,
  type ImageFacts,
  indexAnnotations,
  type PlannedImage,
} from '../evidence/index.js';
import { type ComposedIndex, composeIndex, digestOf } from '../oci/index.js';
import { formatReference, parseReference, redirectReference } from '../reference/index.js';

/** An image whose platforms are built, with the index that is composed of them. */
export interface BuiltIndex {
  readonly planned: PlannedImage;
  readonly platforms: readonly ImageFacts[];
  readonly index: ComposedIndex;
  /** By the digest of a platform's manifest: the images that its layers may be from. */
  readonly bases: ReadonlyMap<string, readonly string[]>;
}

/** The index of an image, composed of what its trials have built. */
export function builtIndex({ trials }: Evidence, planned: PlannedImage): BuiltIndex {
  const built = planned.platforms.flatMap((platform) => {
    const trial = trials.find((one) => one.image === planned.id && one.platform === platform);
    return trial?.built === undefined ? [] : [{ ...trial, built: trial.built }];
  });
  const platforms = built.map((trial) => trial.built);
  const bases = new Map(
    built.map(({ built: { manifest }, build, contents }) => {
      const all = [...new Set(build?.bases.map(({ reference }) => reference))];
      return [manifest.digest, contents?.base === undefined ? all : [contents.base]];
    }),
  );
  const annotations = indexAnnotations(
    planned,
    built.map(({ build }) => build?.base),
  );
  return { planned, platforms, bases, index: composeIndex(platforms, annotations) };
}

/** Keeps names of different registries apart in the one that takes the place of them all. */
function localName(repository: string, host: string): string {
  const parsed = parseReference(repository);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  const moved = formatReference(redirectReference(parsed.reference, host, { keepHost: true }));
  if (parseReference(moved).ok) return moved;
  // With its host in front, a long name is longer than names may be.
  return `${host}/${digestOf(repository).replace(':', '-')}`;
}

/** Where the tags of an image go; `localRegistry` (`host:port`) takes the place of all registries. */
export function targetsOf({ targets }: PlannedImage, localRegistry: string | undefined) {
  if (localRegistry === undefined) return targets;
  return targets.map((target) => ({
    ...target,
    location: localName(target.repository, localRegistry),
  }));
}
