import { type Finding, INTERRUPTED, type Publication } from '../evidence/index.js';
import { readServed } from '../registry/index.js';
import { adopt, whatIsKept } from './adopt.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { errorsIn, type OnItsWay, problemsOf } from './look.js';
import { lookAgain } from './look-again.js';
import { factsOf, inOrder, type Moves, nameOf, type Slot } from './moves.js';
import { putTag } from './put-tag.js';
import { indexPut } from './send.js';
import { step } from './steps.js';
import { notMoved } from './tag-failure.js';

/** A tag may have come to be there since it was looked at: with a rule about such it is read again. */
async function problemNow(course: PublishCourse, { image }: Moves, slot: Slot, once: boolean) {
  const { target, repository } = slot.destination;
  if (target.existing === undefined || target.existing === 'replace') return undefined;
  const document = await readServed(repository, slot.tag, { signal: course.signal, once });
  const problems = problemsOf(image, target, slot.tag, document && { document });
  return errorsIn(course, problems)[0];
}

/** Why the tags of an image did not all move. */
type Stopped = { readonly reason: string; readonly finding?: Finding };

/** A tag of an image, and what is put under it now. */
function placeOf({ image, index }: Moves, { destination, tag }: Slot) {
  return { image: { ...image, index }, destination, tag };
}

/** Why a tag must not be written now; what it serves of ours already is no reason. */
async function obstacleNow(
  course: PublishCourse,
  moves: Moves,
  slot: Slot,
  between = false,
): Promise<Stopped | undefined> {
  const problem = await problemNow(course, moves, slot, between);
  const isOurs = between && problem?.subject.digest === moves.index.descriptor.digest;
  if (problem !== undefined && !isOurs) {
    return { reason: `${nameOf(slot)} is there already`, finding: problem };
  }
  const reason = await lookAgain(course, placeOf(moves, slot), between);
  return reason === undefined ? undefined : { reason };
}

/** Writes one tag; gives why it must not be written. */
async function write(
  course: PublishCourse,
  moves: Moves,
  slot: Slot,
): Promise<Stopped | undefined> {
  const { index, manifests } = moves;
  let obstacle = await obstacleNow(course, moves, slot);
  if (obstacle !== undefined) return obstacle;
  /** Between two tries minutes may pass, in which another run writes the tag. */
  const again = async () => {
    const found = await obstacleNow(course, moves, slot, true);
    course.job.signal?.throwIfAborted();
    obstacle = found;
    if (obstacle !== undefined) throw new Error(obstacle.reason);
  };
  const put = indexPut(course, slot.destination.repository, index, manifests);
  try {
    await putTag(course, slot, put, again);
  } catch (error) {
    if (obstacle !== undefined) return obstacle;
    throw error;
  }
  slot.serves = index.descriptor.digest;
  slot.moved = factsOf(course, moves, slot, false);
  return undefined;
}

/** What comes of a tag that could not be written: its registry may keep an index that will do. */
async function afterFailure(course: PublishCourse, moves: Moves, slot: Slot, error: unknown) {
  const { image } = moves;
  const place = placeOf(moves, slot);
  const kept = await whatIsKept(course, moves, slot, error);
  if (kept === undefined || 'why' in kept) return notMoved(course, place, error, kept);
  if (kept.index.descriptor.digest === moves.index.descriptor.digest) {
    // It came to be there meanwhile.
    slot.serves = kept.index.descriptor.digest;
    return 'anew';
  }
  const adopted = await step(course, image, () => adopt(course, moves, slot, kept));
  return 'reason' in adopted ? { reason: adopted.reason } : 'anew';
}

/** Moves one tag; gives why it did not move, or that all are to be looked at anew. */
async function moveOne(
  course: PublishCourse,
  moves: Moves,
  slot: Slot,
): Promise<Stopped | 'anew' | undefined> {
  if (slot.serves === moves.index.descriptor.digest) {
    slot.moved ??= factsOf(course, moves, slot, true);
    return undefined;
  }
  try {
    return await write(course, moves, slot);
  } catch (error) {
    return afterFailure(course, moves, slot, error).catch((unread: unknown) => {
      // Interrupted behind a refusal, it is the refusal that is known of the tag.
      const known = (unread as Error)?.name === 'AbortError' ? error : unread;
      return notMoved(course, placeOf(moves, slot), known);
    });
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
