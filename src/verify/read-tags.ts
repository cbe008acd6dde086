import type { LimitFunction } from 'p-limit';
import type { ServedTag } from '../checks/index.js';
import type { ServedContent } from '../evidence/index.js';
import { wrongClaim } from '../oci/index.js';
import {
  type LagClock,
  type ManifestHint,
  RegistryError,
  type Repository,
  type RequestGroup,
  readPlatforms,
  type ServedManifest,
  settleAll,
  stopOnFailure,
} from '../registry/index.js';
import { defined } from '../types/index.js';

/** A tag that was moved, or found on the index. */
export type TagToRead = Pick<ServedTag, 'tag' | 'earlier' | 'kept'>;

/** How the tags of one repository are read. */
interface TagReader {
  readonly repository: Repository;
  readonly limit: LimitFunction;
  readonly lag: LagClock;
  readonly group: RequestGroup;
}

/** A tag with what it gave first; nothing where it is not there. */
export interface FirstRead {
  readonly tag: TagToRead;
  readonly served: ServedManifest | undefined;
}

/** What is said of a tag: the right thing, what is not yet right, or what was never there. */
type Shown = 'right' | 'lag' | 'other';

/** So often it is looked whether something that was never there is the last word. */
const LOOKS = 5;

/** Asks until the answer is right, as long as the clock of lags goes. */
async function patiently<T>(
  { lag, limit, repository, group }: TagReader,
  ask: () => Promise<T>,
  judge: (answer: T) => Shown,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const answer = await limit(ask);
    const shown = judge(answer);
    const isLast = shown === 'right' || (shown === 'other' && attempt >= LOOKS);
    if (isLast || !(await lag.wait(repository.registry, attempt, group.signal))) return answer;
  }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof RegistryError) || error.code !== 'not-found') throw error;
}

function shownBy(digest: string | undefined, ours: string, { earlier }: TagToRead): Shown {
  if (digest === ours) return 'right';
  return digest === undefined || earlier.includes(digest) ? 'lag' : 'other';
}

function readTag(
  reader: TagReader,
  { tag }: TagToRead,
  judge: (digest: string | undefined) => Shown,
): Promise<ServedManifest | undefined> {
  const { signal } = reader.group;
  const ask = () => reader.repository.getManifest(tag, { signal }).catch(unlessMissing);
  return patiently(reader, ask, (answer) => judge(answer?.digest));
}

/** Reads tags, and waits for those that do not give `ours` yet, where that is known. */
export function readTags(
  reader: TagReader,
  tags: readonly TagToRead[],
  ours: string | undefined,
): Promise<readonly FirstRead[]> {
  const work = tags.map(async (tag) => {
    const read = readTag(reader, tag, (digest) =>
      ours === undefined ? 'right' : shownBy(digest, ours, tag),
    );
    return { tag, served: await stopOnFailure(reader.group, read) };
  });
  return settleAll(work);
}

function answerOf(served: ServedManifest | undefined): ServedTag['last'] {
  if (served === undefined) return undefined;
  const { bytes, mediaType, digest, claimed } = served;
  const wrong = wrongClaim(bytes, claimed);
  const size = bytes.length;
  return { mediaType, digest, size, ...defined({ wrongClaim: wrong }) };
}

function hintOf(hint: ManifestHint | undefined, bytes: Buffer): ServedTag['head'] {
  if (hint === undefined) return undefined;
  const { claimed, mediaType, size } = hint;
  const wrong = wrongClaim(bytes, claimed);
  return {
    ...defined({ wrongClaim: wrong, mediaType, size }),
  };
}

/** Asks for a tag as docker does, and then reads it: a tag that moves before is no lie of the HEAD. */
async function readAgain(
  reader: TagReader,
  tag: TagToRead,
  { bytes, digest: first }: ServedManifest,
) {
  const ask = () => reader.repository.headManifest(tag.tag, reader.group.signal);
  const head = await patiently(reader, ask, (hint) => {
    if (hint === undefined) return 'lag';
    const claimed = wrongClaim(bytes, hint.claimed);
    return claimed === undefined ? 'right' : shownBy(claimed, first, tag);
  });
  const last = await readTag(reader, tag, (digest) =>
    shownBy(digest, first, tag) === 'lag' ? 'lag' : 'right',
  );
  return { head: hintOf(head, last?.bytes ?? bytes), last: answerOf(last) };
}

/** Reads tags a second time, by a HEAD too; `name` is what their repository is called. */
export function readTagsAgain(
  reader: TagReader,
  name: string,
  reads: readonly FirstRead[],
): Promise<readonly ServedTag[]> {
  const work = reads.map(async ({ tag, served }): Promise<ServedTag> => {
    const facts = { repository: name, ...tag, first: answerOf(served) };
    if (served === undefined) return { ...facts, head: undefined, last: undefined };
    return { ...facts, ...(await stopOnFailure(reader.group, readAgain(reader, tag, served))) };
  });
  return settleAll(work);
}

/** A tag that serves something else than ours, with the platforms of that, where all of them are known. */
export async function readPlatformsInstead(
  { repository, limit, group }: TagReader,
  tag: ServedTag,
  contents: ReadonlyMap<string, ServedContent>,
): Promise<ServedTag> {
  const { last } = tag;
  if (last === undefined || contents.has(last.digest)) return tag;
  try {
    const { signal } = group;
    const now = await limit(() => readPlatforms(repository, last.digest, { signal }));
    const isKnown = now !== undefined && now.unknown.length === 0;
    return isKnown ? { ...tag, instead: now.platforms } : tag;
  } catch (error) {
    if (error instanceof RegistryError) return tag;
    throw error;
  }
}
