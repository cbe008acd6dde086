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
import { lookAtAll } from './look-again.js';
import { moveTags } from './move-tags.js';
import { shareUploads } from './shared-uploads.js';

function untagged({ image }: ImageToPublish, reason: string): Publication {
  return { image, notPublished: reason, targets: [], served: [] };
}

async function publishTogether(course: PublishCourse): Promise<readonly Publication[]> {
  const filled = await everyOne(course.job.images.map((image) => fill(course, image)));
  const ready = filled.flatMap((one) => ('destinations' in one ? [one] : []));
  if (ready.length < filled.length) {
    const why = course.job.signal?.aborted ? INTERRUPTED : 'another image could not be uploaded';
    return filled.map((one) => untagged(one.image, 'reason' in one ? one.reason : why));
  }
  const looks = ready.map(({ image, destinations }) => lookAtAll(course, image, destinations));
  const obstacles = await everyOne(looks);
  const obstacle = obstacles.find((one) => one !== undefined);
  if (obstacle !== undefined) {
    return ready.map(({ image }, at) => untagged(image, obstacles[at] ?? obstacle));
  }
  const publications: Publication[] = [];
  for (const { image, destinations } of ready) {
    publications.push(await moveTags(course, image, destinations));
  }
  return publications;
}

async function publishOne(course: PublishCourse, image: ImageToPublish): Promise<Publication> {
  const filled = await fill(course, image);
  if ('reason' in filled) return untagged(image, filled.reason);
  const obstacle = await lookAtAll(course, image, filled.destinations);
  return obstacle === undefined
    ? moveTags(course, image, filled.destinations)
    : untagged(image, obstacle);
}

/**
 * Uploads what was tried, byte for byte: blobs, platform and attestation
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
