import { finding } from '../evidence/index.js';
import { everyOne, RegistryError } from '../registry/index.js';
import type { PublishCourse } from './job.js';
import { eachRepository } from './look.js';
import { type Moves, nameOf, type Slot } from './moves.js';
import { sendIndex } from './send.js';
import { atTarget } from './steps.js';
import { type TakenOver, takeOver } from './take-over.js';

const isRefusal = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && (error.code === 'refused' || error.code === 'denied');

/** What a tag serves that was not let be replaced; undefined where that does not come into it. */
export async function whatIsKept(course: PublishCourse, moves: Moves, slot: Slot, error: unknown) {
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
export async function adopt(course: PublishCourse, moves: Moves, slot: Slot, kept: TakenOver) {
  const { image, slots } = moves;
  const platforms = new Set(image.platforms.map(({ manifest }) => manifest.digest));
  const there = moves.manifests.filter(({ descriptor }) => platforms.has(descriptor.digest));
  const { index, content, attestations } = kept;
  const composed = moves.index.descriptor.digest;
  await everyOne(
    eachRepository(slots.map(({ destination }) => destination)).map(({ target, repository }) =>
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
