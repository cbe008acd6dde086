import { type Finding, finding, INTERRUPTED, type Publication } from '../evidence/index.js';
import { everyOne, RegistryError, readServed } from '../registry/index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { type Destination, errorsIn, type OnItsWay, problemsOf } from './look.js';
import { lookAgain } from './look-again.js';
import { putTag } from './put-tag.js';
import { whyOther } from './same-image.js';
import { indexPut, sendIndex } from './send.js';
import { atTarget, step } from './steps.js';
import { type Kept, notMoved, type TagPlace } from './tag-failure.js';
import { type TakenOver, takeOver } from './take-over.js';

type TargetFacts = Publication['targets'][number];

/** The tags of one image on their way. */
interface Moves {
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
interface Slot {
  readonly destination: Destination;
  readonly tag: string;
  /** The digest that it served when that was last seen. */
  serves: string | undefined;
  moved?: TargetFacts;
}

const nameOf = ({ destination, tag }: Slot) => `${destination.target.repository}:${tag}`;

/**
 * Tags that serve our platforms already come first: where one cannot be replaced, its index
 * is for all of them. Then those that serve something else, and absent ones last.
 */
function inOrder(image: ImageToPublish, destinations: readonly Destination[]): readonly Slot[] {
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

function factsOf({ job }: PublishCourse, { index }: Moves, slot: Slot, kept: boolean): TargetFacts {
  const { target, before } = slot.destination;
  const served = before.get(slot.tag)?.facts;
  return {
    repository: target.repository,
    embedded: job.embedded,
    tag: slot.tag,
    digest: index.descriptor.digest,
    ...(kept ? { kept } : {}),
    ...(served === undefined ? {} : { before: served }),
    at: job.clock.now().toISOString(),
  };
}

/** A tag may have come to be there since it was looked at: with a rule about such it is read again. */
async function problemNow(course: PublishCourse, { image }: Moves, slot: Slot) {
  const { target, repository } = slot.destination;
  if (target.existing === undefined || target.existing === 'replace') return undefined;
  const document = await readServed(repository, slot.tag, { signal: course.signal });
  const problems = problemsOf(image, target, slot.tag, document && { document });
  return errorsIn(course, problems)[0];
}

const isRefusal = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && (error.code === 'refused' || error.code === 'denied');

/** What a tag serves that was not let be replaced; undefined where that does not come into it. */
async function whatIsKept(course: PublishCourse, moves: Moves, slot: Slot, error: unknown) {
  if (!isRefusal(error) || slot.destination.target.existing === 'fail') return undefined;
  try {
    const kept = await takeOver(course, moves.image, slot.destination.repository, slot.tag);
    if (kept === undefined || 'why' in kept || moves.takenOver === undefined) return kept;
    const { digest } = kept.index.descriptor;
    if (digest === moves.index.descriptor.digest) return kept;
    return { digest, why: `${moves.takenOver.reference} keeps another index` };
  } catch (unread) {
    if (unread instanceof RegistryError) return undefined;
    throw unread;
  }
}

/** The index that a tag keeps takes the place of ours, in every repository. */
async function adopt(course: PublishCourse, moves: Moves, slot: Slot, kept: TakenOver) {
  const { image, slots } = moves;
  const platforms = new Set(image.platforms.map(({ manifest }) => manifest.digest));
  const there = moves.manifests.filter(({ descriptor }) => platforms.has(descriptor.digest));
  const { index, content, attestations } = kept;
  const composed = moves.index.descriptor.digest;
  const destinations = [...new Set(slots.map(({ destination }) => destination))];
  await everyOne(
    destinations.map(({ target, repository }) =>
      atTarget(course, image, target, () =>
        sendIndex(course, repository, { index, manifests: content, there }),
      ),
    ),
  );
  slot.serves = index.descriptor.digest;
  moves.index = index;
  moves.manifests = [...there, ...content];
  moves.takenOver = { reference: nameOf(slot), composed, attestations };
  const message = `${nameOf(slot)} cannot be replaced and serves the tested platforms: its index, ${index.descriptor.digest}, is published in place of ${composed}, which differs in its attestations.`;
  const { repository: reference } = slot.destination.target;
  const subject = { image: image.image, reference, tag: slot.tag };
  course.findings.push(finding('index-taken-over', subject, message));
}

/** Why the tags of an image did not all move. */
type Stopped = { readonly reason: string; readonly finding?: Finding };

/** Moves one tag; gives why it did not move, or that another index is to be published. */
async function moveOne(
  course: PublishCourse,
  moves: Moves,
  slot: Slot,
): Promise<Stopped | 'anew' | undefined> {
  const { image, index, manifests } = moves;
  const { destination, tag } = slot;
  const { digest } = index.descriptor;
  const place: TagPlace = { image: { ...image, index }, destination, tag };
  let kept: Kept | undefined;
  try {
    if (slot.serves === digest) {
      slot.moved ??= factsOf(course, moves, slot, true);
      return undefined;
    }
    const problem = await problemNow(course, moves, slot);
    if (problem !== undefined) {
      return { reason: `${nameOf(slot)} is there already`, finding: problem };
    }
    const obstacle = await lookAgain(course, place);
    if (obstacle !== undefined) return { reason: obstacle };
    try {
      await putTag(
        course,
        destination,
        tag,
        indexPut(course, destination.repository, index, manifests),
      );
    } catch (error) {
      const found = await whatIsKept(course, moves, slot, error);
      if (found !== undefined && 'index' in found) {
        if (found.index.descriptor.digest === digest) {
          // It came to be there meanwhile.
          slot.serves = digest;
          slot.moved = factsOf(course, moves, slot, true);
          return undefined;
        }
        const adopted = await step(course, image, () => adopt(course, moves, slot, found));
        return 'reason' in adopted ? { reason: adopted.reason } : 'anew';
      }
      kept = found;
      throw error;
    }
    slot.serves = digest;
    slot.moved = factsOf(course, moves, slot, false);
    return undefined;
  } catch (error) {
    return notMoved(course, place, error, kept);
  }
}

/** Moves what has not moved yet to the index that is published. */
async function moveAll(course: PublishCourse, moves: Moves): Promise<Stopped | undefined> {
  for (const slot of moves.slots) {
    if (course.signal.aborted) {
      const why = course.job.signal?.aborted ? INTERRUPTED : 'a tag of another image failed';
      return { reason: `${why} before ${nameOf(slot)}` };
    }
    const outcome = await moveOne(course, moves, slot);
    if (outcome === 'anew') return moveAll(course, moves);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

/** Moves an image's tags one after the other; the first that fails ends it. */
export async function moveTags(
  course: PublishCourse,
  image: ImageToPublish,
  { destinations, manifests }: OnItsWay,
): Promise<Publication> {
  const slots = inOrder(image, destinations);
  const moves: Moves = { image, slots, manifests, index: image.index };
  const stopped = await moveAll(course, moves);
  if (stopped !== undefined) {
    course.stop();
    // Whatever it was: what has been tagged before must be told.
    if (stopped.finding !== undefined) course.findings.push(stopped.finding);
  }
  const written = destinations.flatMap((destination) =>
    destination.target.tags.flatMap((tag) => {
      const slot = slots.find((one) => one.destination === destination && one.tag === tag);
      return slot?.moved ?? [];
    }),
  );
  return {
    image: image.image,
    index: moves.index.descriptor,
    ...(stopped === undefined ? {} : { notPublished: stopped.reason }),
    ...(moves.takenOver === undefined ? {} : { takenOver: moves.takenOver }),
    targets: written,
    served: [],
  };
}
