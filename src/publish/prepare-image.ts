import { judgeExisting } from '../checks/index.js';
import { applySeverities, type Finding } from '../evidence/index.js';
import { type Repository, repositoryOf, settleAll } from '../registry/index.js';
import { type ManifestContent, manifestContents } from './content.js';
import type { ImageToPublish, PublishCourse, PublishTarget } from './job.js';
import { atTarget, type Step, step } from './steps.js';
import { servedBefore, type TagBefore } from './tag-before.js';

/** A repository that an image goes to, and what its tags serve before. */
export interface Destination {
  readonly target: PublishTarget;
  readonly repository: Repository;
  /** By tag. */
  readonly before: ReadonlyMap<string, TagBefore | undefined>;
}

/** An image on its way: what it consists of, and where it goes. */
export interface PreparedImage {
  readonly destinations: readonly Destination[];
  readonly manifests: readonly ManifestContent[];
}

/** Each repository once: some registries damage what is written twice at the same time. */
export function eachRepository(destinations: readonly Destination[]): readonly Destination[] {
  return [...new Map(destinations.map((one) => [one.repository.name, one])).values()];
}

async function readTarget(course: PublishCourse, image: ImageToPublish, target: PublishTarget) {
  const repository = repositoryOf(course.job.client, target);
  const before = new Map<string, TagBefore | undefined>();
  for (const tag of target.tags) {
    const ours = image.index.descriptor.digest;
    const serves = () => servedBefore(repository, tag, ours, course.signal);
    before.set(tag, await course.job.limit(serves));
  }
  return { target, repository, before };
}

/** What `existing` says against writing a tag, as far as it is there. */
export function existingProblems(
  { image, platforms }: ImageToPublish,
  { repository, existing }: PublishTarget,
  tag: string,
  before: Pick<TagBefore, 'document'> | undefined,
) {
  if (before === undefined) return [];
  return judgeExisting({ image, repository, tag, existing }, before.document, platforms);
}

/** Those findings that are errors as the run is configured. */
export function errorsIn({ job }: PublishCourse, findings: readonly Finding[]) {
  const { severities = {} } = job;
  return applySeverities({ severities }, findings).filter(({ severity }) => severity === 'error');
}

/** Reads what is to be sent, and looks whether the tags that it is to get may be written. */
export async function prepareImage(
  course: PublishCourse,
  image: ImageToPublish,
): Promise<Step<PreparedImage>> {
  const looked = await step(course, image, async () => {
    const content = await manifestContents(image.index, image.platforms, course.job.open);
    const manifests = content.map((one) => ({
      ...one,
      bases: image.bases?.get(one.descriptor.digest),
    }));
    const work = image.targets.map((target) =>
      atTarget(course, image, target, () => readTarget(course, image, target)),
    );
    return { manifests, destinations: await settleAll(work) };
  });
  if ('reason' in looked) return looked;
  const problems = looked.value.destinations.flatMap(({ target, before }) =>
    [...before].flatMap(([tag, one]) => existingProblems(image, target, tag, one)),
  );
  course.findings.push(...problems);
  const [first] = errorsIn(course, problems);
  if (first === undefined) return looked;
  course.stop();
  const { reference, tag } = first.subject;
  return { image, reason: `${reference}:${tag} exists already` };
}
