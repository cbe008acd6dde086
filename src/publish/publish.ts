import { type Finding, INTERRUPTED, type Publication } from '../evidence/index.js';
import { settleAll } from '../registry/index.js';
import {
  type ImageToPublish,
  openPublishCourse,
  type PublishCourse,
  type Published,
  type PublishJob,
} from './job.js';
import { moveTags } from './move-tags.js';
import { eachRepository, type PreparedImage, prepareImage } from './prepare-image.js';
import { recheckTags } from './recheck-tags.js';
import { sendIndex } from './send.js';
import { createUploader } from './shared-uploads.js';
import { atTarget, type Step, step } from './steps.js';

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

/** Uploads an image's content to all its repositories; no tag shows it yet. */
function uploadImage(
  course: PublishCourse,
  image: ImageToPublish,
  prepared: PreparedImage,
): Promise<Step<PreparedImage>> {
  const { destinations, manifests } = prepared;
  return step(course, image, async () => {
    const work = eachRepository(destinations).map(({ target, repository }) =>
      atTarget(course, image, target, () =>
        sendIndex(course, repository, { index: image.index, manifests }),
      ),
    );
    await settleAll(work);
    return prepared;
  });
}

/** Publishes images that are tagged together: none is tagged before the content of all is uploaded. */
async function publishGroup(
  course: PublishCourse,
  images: readonly ImageToPublish[],
): Promise<readonly Publication[]> {
  const prepared = all(course, await settleAll(images.map((one) => prepareImage(course, one))));
  if ('untagged' in prepared) return prepared.untagged;
  const uploads = prepared.map(({ image, value }) => uploadImage(course, image, value));
  const uploaded = all(course, await settleAll(uploads));
  if ('untagged' in uploaded) return uploaded.untagged;
  const rechecks = uploaded.map(({ image, value }) =>
    recheckTags(course, image, value.destinations),
  );
  const obstacles = await settleAll(rechecks);
  const obstacle = obstacles.find((one) => one !== undefined);
  if (obstacle !== undefined) {
    return uploaded.map(({ image }, at) => untagged(image, obstacles[at] ?? obstacle));
  }
  const publications: Publication[] = [];
  for (const { image, value } of uploaded) publications.push(await moveTags(course, image, value));
  return publications;
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
  const uploadBlob = createUploader(job, job.limit);
  const groups = job.publish === 'together' ? [job.images] : job.images.map((image) => [image]);
  const work = groups.map((images) =>
    publishGroup(openPublishCourse(job, uploadBlob, findings), images),
  );
  return { publications: (await settleAll(work)).flat(), findings };
}
