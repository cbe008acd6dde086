import type { LimitFunction } from 'p-limit';
import { judgeExisting, judgeLoss } from '../checks/index.js';
import {
  type EnvironmentFacts,
  type Existing,
  type Finding,
  finding,
  type Plan,
} from '../evidence/index.js';
import { parseReference } from '../reference/index.js';
import {
  type PushAnswer,
  type RegistryClient,
  RegistryError,
  readPlatforms,
  reasonOf,
  type ServedPlatforms,
} from '../registry/index.js';
import { defined } from '../types/index.js';

/** What a repository said that is to be pushed to. */
type AskedTarget = PushAnswer & { readonly repository: string };

/** What one tag that a run will write serves before the build. */
export interface TagBeforeBuild {
  readonly image: string;
  readonly repository: string;
  readonly tag: string;
  /** What it will serve. */
  readonly platforms: readonly string[];
  readonly replaces?: readonly string[];
  readonly existing?: Existing | undefined;
  /** Undefined where there is no such tag, or where it could not be read. */
  readonly serves?: ServedPlatforms;
  /** Why it could not be read. */
  readonly error?: RegistryError;
}

interface TagLookup {
  readonly client: RegistryClient;
  readonly limit: LimitFunction;
  readonly signal: AbortSignal;
}

/** Asked once: what is not known now is read again before the tag moves. */
async function look({ client, limit, signal }: TagLookup, repository: string, tag: string) {
  const parsed = parseReference(repository);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  const { registry, repository: path } = parsed.reference;
  const place = client.repository(registry, path);
  try {
    const serves = await limit(() => readPlatforms(place, tag, { signal, once: true }));
    return defined({ serves });
  } catch (error) {
    if (error instanceof RegistryError) return { error };
    throw error;
  }
}

/** Reads every tag that a pushing run will write. */
export function lookAtTags(
  { push, images }: Plan,
  how: TagLookup,
): readonly Promise<TagBeforeBuild>[] {
  if (!push) return [];
  return images.flatMap(({ id, platforms, targets }) =>
    targets.flatMap(({ repository, tags, replaces = [], existing }) =>
      tags.map(async (tag) => {
        const to = { image: id, repository, tag, platforms, replaces, existing };
        return { ...to, ...(await look(how, repository, tag)) };
      }),
    ),
  );
}

/** A tag that could not be read; where nothing can be pushed, or nothing is there, that is all there is to say. */
function unread(
  { image, repository, tag, error }: TagBeforeBuild,
  targets: readonly AskedTarget[],
): readonly Finding[] {
  const target = targets.find((one) => one.repository === repository);
  if (error === undefined || target?.push === 'no' || target?.exists === 'no') return [];
  const message = `Which platforms ${repository}:${tag} serves is not known before the build: ${reasonOf(error)}.`;
  const remedy = 'Nothing for now: the tag is read again before it moves.';
  const subject = { image, reference: repository, tag };
  return [finding('registry-failed', subject, message, { severity: 'note', remedy })];
}

/** Before the build only that a tag is there is known; what was tested is compared with it later. */
function thereAlready(tag: TagBeforeBuild): readonly Finding[] {
  return tag.serves === undefined ? [] : judgeExisting(tag, { ...tag.serves, entries: [] });
}

/** What the tags of a run would lose, as far as it is known before the build. */
export function tagFindings(
  tags: readonly TagBeforeBuild[],
  targets: readonly AskedTarget[],
): readonly Finding[] {
  return tags.flatMap((tag) => [
    ...thereAlready(tag),
    ...judgeLoss(tag, tag.serves),
    ...unread(tag, targets),
  ]);
}

/** What the evidence keeps of a tag. */
export function tagFacts({
  repository,
  tag,
  serves,
  error,
}: TagBeforeBuild): NonNullable<EnvironmentFacts['tags']>[number] {
  if (error !== undefined) return { repository, tag, exists: 'unknown' };
  if (serves === undefined) return { repository, tag, exists: 'no' };
  const { digest, platforms } = serves;
  return { repository, tag, exists: 'yes', digest, platforms };
}
