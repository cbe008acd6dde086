import type { Publication } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import type { Destination, PreparedImage } from './prepare-image.js';
import { differenceFrom } from './same-image.js';

type TargetFacts = Publication['targets'][number];

/** The tags of one image on their way. */
export interface TagMoves {
  readonly image: ImageToPublish;
  /** In the order in which they are written. */
  readonly all: readonly TagMove[];
  /** Everything that the index lists. */
  manifests: PreparedImage['manifests'];
  /** What is put under each of them. */
  index: ImageToPublish['index'];
  takenOver?: NonNullable<Publication['takenOver']>;
}

/** One tag of one repository. */
export interface TagMove {
  readonly destination: Destination;
  readonly tag: string;
  /** The digest that it served when that was last seen. */
  serves: string | undefined;
  moved?: TargetFacts;
}

export const nameOf = ({ destination, tag }: TagMove) => `${destination.target.repository}:${tag}`;

/**
 * Tags that serve our platforms already come first: where one cannot be replaced, its index
 * is for all of them. Then those that serve something else, and absent ones last.
 */
export function inOrder(
  image: ImageToPublish,
  destinations: readonly Destination[],
): readonly TagMove[] {
  const rank = ({ destination, tag }: TagMove) => {
    const before = destination.before.get(tag);
    if (before === undefined) return 2;
    const { bytes } = before.document;
    return differenceFrom(image.index.bytes, bytes, image.platforms) === undefined ? 0 : 1;
  };
  const all = destinations.flatMap((destination) =>
    destination.target.tags.map(
      (tag): TagMove => ({ destination, tag, serves: destination.before.get(tag)?.facts.digest }),
    ),
  );
  return all
    .map((move) => ({ move, rank: rank(move) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ move }) => move);
}

/** What the evidence keeps of a tag that is on the index. */
export function targetFacts(
  { job }: PublishCourse,
  { index }: TagMoves,
  move: TagMove,
  kept: boolean,
): TargetFacts {
  const { target, before } = move.destination;
  const served = before.get(move.tag)?.facts;
  return {
    repository: target.repository,
    embedded: job.embedded,
    tag: move.tag,
    digest: index.descriptor.digest,
    ...(kept ? { kept } : {}),
    ...defined({ before: served }),
    time: job.clock.now().toISOString(),
  };
}
