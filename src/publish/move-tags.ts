import { type Finding, INTERRUPTED, type Publication } from '../evidence/index.js';
import { readServed } from '../registry/index.js';
import { defined } from '../types/index.js';
import { adoptIndex, readKept } from './adopt-index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { errorsIn, existingProblems, type PreparedImage } from './prepare-image.js';
import { putTag } from './put-tag.js';
import { recheckTag } from './recheck-tags.js';
import { indexPut } from './send.js';
import { step } from './steps.js';
import { notMoved } from './tag-failure.js';
import { inOrder, nameOf, type TagMove, type TagMoves, targetFacts } from './tag-moves.js';

/** A tag may have come to be there since it was looked at: with a rule about such it is read again. */
async function existingProblem(
  course: PublishCourse,
  { image }: TagMoves,
  move: TagMove,
  once: boolean,
) {
  const { target, repository } = move.destination;
  if (target.existing === undefined || target.existing === 'replace') return undefined;
  const document = await readServed(repository, move.tag, { signal: course.signal, once });
  const problems = existingProblems(image, target, move.tag, document && { document });
  return errorsIn(course, problems)[0];
}

/** Why the tags of an image did not all move. */
type Obstacle = { readonly reason: string; readonly finding?: Finding };

/** A tag of an image, and what is put under it now. */
function tagOf({ image, index }: TagMoves, { destination, tag }: TagMove) {
  return { image: { ...image, index }, destination, tag };
}

/** Why a tag must not be written now; what it serves of ours already is no reason. */
async function obstacleTo(
  course: PublishCourse,
  moves: TagMoves,
  move: TagMove,
  between = false,
): Promise<Obstacle | undefined> {
  const problem = await existingProblem(course, moves, move, between);
  const isOurs = between && problem?.subject.digest === moves.index.descriptor.digest;
  if (problem !== undefined && !isOurs) {
    return { reason: `${nameOf(move)} exists already`, finding: problem };
  }
  const reason = await recheckTag(course, tagOf(moves, move), between);
  return reason === undefined ? undefined : { reason };
}

/** Writes one tag; gives why it must not be written. */
async function write(
  course: PublishCourse,
  moves: TagMoves,
  move: TagMove,
): Promise<Obstacle | undefined> {
  const { index, manifests } = moves;
  let obstacle = await obstacleTo(course, moves, move);
  if (obstacle !== undefined) return obstacle;
  /** Between two tries minutes may pass, in which another run writes the tag. */
  const again = async () => {
    const found = await obstacleTo(course, moves, move, true);
    course.job.signal?.throwIfAborted();
    obstacle = found;
    if (obstacle !== undefined) throw new Error(obstacle.reason);
  };
  const put = indexPut(course, move.destination.repository, index, manifests);
  try {
    await putTag(course, move, put, again);
  } catch (error) {
    if (obstacle !== undefined) return obstacle;
    throw error;
  }
  move.serves = index.descriptor.digest;
  move.moved = targetFacts(course, moves, move, false);
  return undefined;
}

/** What comes of a tag that could not be written: its registry may keep an index that will do. */
async function afterRefusal(course: PublishCourse, moves: TagMoves, move: TagMove, error: unknown) {
  const { image } = moves;
  const tagged = tagOf(moves, move);
  const kept = await readKept(course, moves, move, error);
  if (kept === undefined || 'why' in kept) return notMoved(course, tagged, error, kept);
  if (kept.index.descriptor.digest === moves.index.descriptor.digest) {
    // It came to be there meanwhile.
    move.serves = kept.index.descriptor.digest;
    return 'anew';
  }
  const adopted = await step(course, image, () => adoptIndex(course, moves, move, kept));
  return 'reason' in adopted ? { reason: adopted.reason } : 'anew';
}

/** Moves one tag; gives why it did not move, or that all are to be looked at anew. */
async function moveOne(
  course: PublishCourse,
  moves: TagMoves,
  move: TagMove,
): Promise<Obstacle | 'anew' | undefined> {
  if (move.serves === moves.index.descriptor.digest) {
    move.moved ??= targetFacts(course, moves, move, true);
    return undefined;
  }
  try {
    return await write(course, moves, move);
  } catch (error) {
    return afterRefusal(course, moves, move, error).catch((unread: unknown) => {
      // Interrupted behind a refusal, it is the refusal that is known of the tag.
      const known = (unread as Error)?.name === 'AbortError' ? error : unread;
      return notMoved(course, tagOf(moves, move), known);
    });
  }
}

/** Moves what has not moved yet to the index that is published. */
async function moveAll(course: PublishCourse, moves: TagMoves): Promise<Obstacle | undefined> {
  for (const move of moves.all) {
    if (course.signal.aborted) {
      const why = course.job.signal?.aborted ? INTERRUPTED : 'a tag of another image failed';
      return { reason: `${why} before ${nameOf(move)}` };
    }
    const outcome = await moveOne(course, moves, move);
    if (outcome === 'anew') return moveAll(course, moves);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

/** Moves an image's tags one after the other; the first that fails ends it. */
export async function moveTags(
  course: PublishCourse,
  image: ImageToPublish,
  { destinations, manifests }: PreparedImage,
): Promise<Publication> {
  const all = inOrder(image, destinations);
  const moves: TagMoves = { image, all, manifests, index: image.index };
  const stopped = await moveAll(course, moves);
  if (stopped !== undefined) {
    course.stop();
    // Whatever it was: what has been tagged before must be told.
    if (stopped.finding !== undefined) course.findings.push(stopped.finding);
  }
  const written = destinations.flatMap((destination) =>
    destination.target.tags.flatMap((tag) => {
      const move = all.find((one) => one.destination === destination && one.tag === tag);
      return move?.moved ?? [];
    }),
  );
  return {
    image: image.image,
    index: moves.index.descriptor,
    ...defined({ notPublished: stopped?.reason, takenOver: moves.takenOver }),
    targets: written,
    served: [],
  };
}
