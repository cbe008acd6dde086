import { everyOne } from '../registry/index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { eachRepository, type OnItsWay } from './look.js';
import { sendIndex } from './send.js';
import { atTarget, type Step, step } from './steps.js';

/** Brings an image's content into all its repositories; no tag shows it yet. */
export function fill(
  course: PublishCourse,
  image: ImageToPublish,
  onItsWay: OnItsWay,
): Promise<Step<OnItsWay>> {
  const { destinations, manifests } = onItsWay;
  return step(course, image, async () => {
    const work = eachRepository(destinations).map(({ target, repository }) =>
      atTarget(course, image, target, () =>
        sendIndex(course, repository, { index: image.index, manifests }),
      ),
    );
    await everyOne(work);
    return onItsWay;
  });
}
