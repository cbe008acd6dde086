import { type Finding, INTERRUPTED, type Publication } from '../evidence/index.js';
import { everyOne } from '../registry/index.js';
import { fill } from './fill.js';
import {
  type ImageToPublish,
  openPublishCourse,
  type PublishCourse,
  type Published,
  type PublishJob,
} from './job.js';
import { look } from './look.js';
import { lookAtAll } from './look-again.js';
import { moveTags } from './move-tags.js';
import { shareUploads } from './shared-uploads.js';
import type { Step } from './steps.js';

function untagged({ image }: ImageToPublish, reason: string): Publication {
  return { image, notPublished: reason, targets: [], served: [] };
}

/** What a step gave for every image, or why none of them goes further. */
function all<T>(
  course: PublishCourse,
  steps: readonly Step<T>[],
): readonly Extract<Step<T>, { value: T }>[] | { readonly untagged: readonly Publication[] } {
  const ready = steps.flatMap((one) => ('value' in one ? [one] : []));
  if (ready.length === steps.length) return ready;
  const why = course.job.signal?.aborted
    ? INTERRUPTED
    : 'another image or target cannot be published';
  return { untagged: steps.map((one) => untagged(one.image, 'reason' in one ? one.reason : why)) };
}

async function publishTogether(course: PublishCourse): Promise<readonly Publication[]> {
  const { images } = course.job;
  const looked = all(course, await everyOne(images.map((image) => look(course, image))));
  if ('untagged' in looked) return looked.untagged;
  const work = looked.map(({ image, value }) => fill(course, image, value));
  const filled = all(course, await everyOne(work));
  if ('untagged' in filled) return filled.untagged;
  const looks = filled.map(({ image, value }) => lookAtAll(course, image, value.destinations));
  const obstacles = await everyOne(looks);
  const obstacle = obstacles.find((one) => one !== undefined);
  if (obstacle !== undefined) {
    return filled.map(({ image }, at) => untagged(image, obstacles[at] ?? obstacle));
  }
  const publications: Publication[] = [];
  for (const { image, value } of filled) publications.push(await moveTags(course, image, value));
  return publications;
}

async function publishOne(course: PublishCourse, image: ImageToPublish): Promise<Publication> {
  const looked = await look(course, image);
  if ('reason' in looked) return untagged(image, looked.reason);
  const filled = await fill(course, image, looked.value);
  if ('reason' in filled) return untagged(image, filled.reason);
  const obstacle = await lookAtAll(course, image, filled.value.destinations);
  if (obstacle !== undefined) return untagged(image, obstacle);
  return moveTags(course, image, filled.value);
}

/**
 * Uploads what was tested, byte for byte: blobs, platform and attestation
 * manifests by digest, the index by digest, and last the tags. A failure stops
 * what is left of it (`together`: of everything) before further tags move; a
 * rerun finds what is there already. The signal ends it; a tag under way still
 * gets a moment, and what is not known of it then is said.
 *
 * Failures of registries are findings, and so is every other one: where the layout
 * or an index is not what the facts say, nothing of that image is sent.
 */
export async function publish(job: PublishJob): Promise<Published> {
  const findings: Finding[] = [];
  const give = shareUploads(job, job.limit);
  const open = () => openPublishCourse(job, give, findings);
  const publications =
    job.publish === 'together'
      ? await publishTogether(open())
      : await everyOne(job.images.map((image) => publishOne(open(), image)));
  return { publications, findings };
}
