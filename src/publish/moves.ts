import type { Publication } from '../evidence/index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import type { Destination, OnItsWay } from './look.js';
import { whyOther } from './same-image.js';

type TargetFacts = Publication['targets'][number];

/** The tags of one image on their way. */
export interface Moves {
  readonly image: ImageToPublish;
  /** In the order in which they are written. */
  readonly slots: readonly Slot[];
  /** Everything that the index lists. */
  manifests: OnItsWay['manifests'];
  /** What is put under each of them. */
  index: ImageToPublish['index'];
  takenOver?: NonNullable<Publication['takenOver']>;
}

/** One tag of one repository. */
export interface Slot {
  readonly destination: Destination;
  readonly tag: string;
  /** The digest that it served when that was last seen. */
  serves: string | undefined;
  moved?: TargetFacts;
}

export const nameOf = ({ destination, tag }: Slot) => `${destination.target.repository}:${tag}`;

/**
 * Tags that serve our platforms already come first: where one cannot be replaced, its index
 * is for all of them. Then those that serve something else, and absent ones last.
 */
export function inOrder(
  image: ImageToPublish,
  destinations: readonly Destination[],
): readonly Slot[] {
  const rank = ({ destination, tag }: Slot) => {
    const before = destination.before.get(tag);
    if (before === undefined) return 2;
    const { bytes } = before.document;
    return whyOther(image.index.bytes, bytes, image.platforms) === undefined ? 0 : 1;
  };
  const slots = destinations.flatMap((destination) =>
    destination.target.tags.map(
      (tag): Slot => ({ destination, tag, serves: destination.before.get(tag)?.facts.digest }),
    ),
  );
  return slots
    .map((slot) => ({ slot, rank: rank(slot) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ slot }) => slot);
}

/** What the evidence keeps of a tag that is on the index. */
export function factsOf(
  { job }: PublishCourse,
  { index }: Moves,
  slot: Slot,
  kept: boolean,
): TargetFacts {
  const { target, before } = slot.destination;
  const served = before.get(slot.tag)?.facts;
  return {
    repository: target.repository,
    embedded: job.embedded,
    tag: slot.tag,
    digest: index.descriptor.digest,
    ...(kept ? { kept } : {}),
    ...(served === undefined ? {} : { before: served }),
    time: job.clock.now().toISOString(),
  };
}
