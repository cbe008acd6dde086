import { judgeLoss } from '../checks/index.js';
import { brokenOff, type Finding, finding, INTERRUPTED } from '../evidence/index.js';
import {
  RegistryError,
  type Repository,
  readPlatforms,
  reasonOf,
  registryFailed,
  settleAll,
} from '../registry/index.js';
import { defined } from '../types/index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import { type Destination, errorsIn } from './prepare-image.js';
import type { TagOfImage } from './tag-failure.js';

/** What a tag serves now; undefined where there is no such tag, or where it serves a known digest. */
async function servedNow(
  repository: Repository,
  tag: string,
  known: readonly (string | undefined)[],
  signal: AbortSignal,
) {
  const hint = await repository.headManifest(tag, signal);
  // That there is no tag is believed where nothing says that there was one.
  if (hint === undefined && known.length === 1) return undefined;
  if (hint?.digest !== undefined && known.includes(hint.digest)) return undefined;
  const now = await readPlatforms(repository, tag, { signal });
  return now === undefined || known.includes(now.digest) ? undefined : now;
}

/** The same between two attempts of a write; without an answer at once, the next attempt asks. */
async function servedBetween(...[repository, tag, known, signal]: Parameters<typeof servedNow>) {
  try {
    const now = await readPlatforms(repository, tag, { signal, once: true });
    return now === undefined || known.includes(now.digest) ? undefined : now;
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** What the tag would lose if it were written now, beside what was said of it before. */
async function lossOf(
  { job, seen, signal }: PublishCourse,
  { image, destination: { target, repository }, tag }: TagOfImage,
  serves: typeof servedNow,
): Promise<readonly Finding[]> {
  const name = `${target.repository}:${tag}`;
  const earlier = seen.get(name);
  const known = [image.index.descriptor.digest, ...(seen.has(name) ? [earlier] : [])];
  const now = await job.limit(() => serves(repository, tag, known, signal));
  if (now === undefined) return [];
  seen.set(name, now.digest);
  const { replaces = [] } = target;
  const platforms = image.platforms.map(({ platform }) => platform);
  const to = { image: image.image, repository: target.repository, tag, platforms, replaces };
  return judgeLoss(to, { ...now, ...defined({ earlier }) });
}

/** Where only a push is allowed, what the tag loses cannot be known, and it is written all the same. */
function unreadable({ image, destination, tag }: TagOfImage, error: RegistryError): Finding {
  const { repository } = destination.target;
  const subject = { image: image.image, reference: repository, tag };
  const message = `Which platforms ${repository}:${tag} served is not known, and it may have lost some: ${reasonOf(error)}.`;
  const remedy = 'Give the login the right to pull from there too.';
  return finding('registry-failed', subject, message, { severity: 'warning', remedy });
}

/** What is found about a tag, and why it must not move, if so. */
interface Recheck {
  readonly findings: readonly Finding[];
  readonly obstacle?: string;
}

function failed({ job }: PublishCourse, tagged: TagOfImage, error: unknown): Recheck {
  const { image, destination, tag } = tagged;
  const { repository } = destination.target;
  const name = `${repository}:${tag}`;
  if (job.signal?.aborted) return { findings: [], obstacle: `${INTERRUPTED} before ${name}` };
  const subject = { image: image.image, reference: repository, tag };
  if (!(error instanceof RegistryError)) {
    const findings = [brokenOff(subject, 'Publishing', error)];
    return { findings, obstacle: 'its publishing was stopped' };
  }
  if (error.code === 'denied' || error.code === 'unauthorized') {
    return { findings: [unreadable(tagged, error)] };
  }
  return { findings: [registryFailed(subject, error)], obstacle: `${name}: ${reasonOf(error)}` };
}

function once(known: readonly Finding[], found: readonly Finding[]): readonly Finding[] {
  const said = new Set(known.map((one) => JSON.stringify(one)));
  return found.filter((one) => !said.has(JSON.stringify(one)));
}

/**
 * Reads again what a tag serves before it is written, since another run may have written it
 * meanwhile. Gives why it must not be written, if so; findings go to the course. No registry
 * lets us close the gap between this and the write. `between`: a write failed and is retried.
 */
export async function recheckTag(
  course: PublishCourse,
  tagged: TagOfImage,
  between = false,
): Promise<string | undefined> {
  const { job, findings } = course;
  if (job.embedded) return undefined;
  const checked = await lossOf(course, tagged, between ? servedBetween : servedNow).then(
    (found): Recheck => {
      if (errorsIn(course, found).length === 0) return { findings: found };
      const { repository } = tagged.destination.target;
      return { findings: found, obstacle: `${repository}:${tagged.tag} would lose platforms` };
    },
    (error: unknown) => failed(course, tagged, error),
  );
  findings.push(...once(findings, checked.findings));
  return checked.obstacle;
}

/** The same for all tags of an image before the first of any moves. */
export async function recheckTags(
  course: PublishCourse,
  image: ImageToPublish,
  destinations: readonly Destination[],
): Promise<string | undefined> {
  const looks = destinations.flatMap((destination) =>
    destination.target.tags.map((tag) => recheckTag(course, { image, destination, tag })),
  );
  return (await settleAll(looks)).find((obstacle) => obstacle !== undefined);
}
