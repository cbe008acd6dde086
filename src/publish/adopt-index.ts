import { finding } from '../evidence/index.js';
import { RegistryError, settleAll } from '../registry/index.js';
import type { PublishCourse } from './job.js';
import { eachRepository } from './prepare-image.js';
import { type KeptIndex, readKeptIndex } from './read-kept-index.js';
import { sendIndex } from './send.js';
import { atTarget } from './steps.js';
import { nameOf, type TagMove, type TagMoves } from './tag-moves.js';

const isRefusal = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && (error.code === 'refused' || error.code === 'denied');

/** What a tag serves that was not let be replaced; undefined where that does not come into it. */
export async function readKept(
  course: PublishCourse,
  moves: TagMoves,
  move: TagMove,
  error: unknown,
) {
  if (!isRefusal(error) || move.destination.target.existing === 'fail') return undefined;
  try {
    const kept = await readKeptIndex(course, moves.image, move.destination.repository, move.tag);
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
export async function adoptIndex(
  course: PublishCourse,
  moves: TagMoves,
  move: TagMove,
  kept: KeptIndex,
) {
  const { image, all } = moves;
  const platforms = new Set(image.platforms.map(({ manifest }) => manifest.digest));
  const there = moves.manifests.filter(({ descriptor }) => platforms.has(descriptor.digest));
  const { index, content, attestations } = kept;
  const composed = moves.index.descriptor.digest;
  await settleAll(
    eachRepository(all.map(({ destination }) => destination)).map(({ target, repository }) =>
      atTarget(course, image, target, () =>
        sendIndex(course, repository, { index, manifests: content, there }),
      ),
    ),
  );
  move.serves = index.descriptor.digest;
  moves.index = index;
  moves.manifests = [...there, ...content];
  moves.takenOver = { reference: nameOf(move), composed, attestations };
  const message = `${nameOf(move)} cannot be replaced and serves the tested platforms: its index, ${index.descriptor.digest}, is published in place of ${composed}, which differs in its attestations.`;
  const { repository: reference } = move.destination.target;
  const subject = { image: image.image, reference, tag: move.tag };
  course.findings.push(finding('index-taken-over', subject, message));
}
