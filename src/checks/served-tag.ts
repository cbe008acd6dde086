import { type Code, type Descriptor, type Finding, finding } from '../evidence/index.js';
import { samePlatform } from '../platform/index.js';
import type { Tried } from './served.js';

/** What a GET of a tag gave: Content-Type, hashed digest and counted size. */
interface TagAnswer extends Descriptor {
  /** What the registry said the digest was, where it is none of the bytes. */
  readonly miscalled?: string;
}

/** What a HEAD said, as far as it said anything; a registry may know no HEAD, or no digests. */
interface TagHint {
  /** As in an answer, of the bytes that the last GET gave. */
  readonly miscalled?: string;
  readonly mediaType?: string;
  readonly size?: number;
}

/** One tag: read in the beginning, asked for by HEAD at the end, and then read again. */
export interface ServedTag {
  readonly repository: string;
  readonly tag: string;
  /** Undefined, as `head` and `last`, where it is answered that there is no such tag. */
  readonly first: TagAnswer | undefined;
  readonly head: TagHint | undefined;
  readonly last: TagAnswer | undefined;
  /** What it served before the run, or in it before that index. */
  readonly earlier: readonly string[];
  /** It served the index before, and was not written. */
  readonly kept: boolean;
  /** Where `last` is something else: the platforms of that, as written, if it could be read. */
  readonly instead?: readonly string[];
}

/** One that was there each time that it was read. */
type ReadTag = ServedTag & { readonly first: TagAnswer; readonly last: TagAnswer };

interface Side {
  readonly value: string;
  readonly from: string;
}

/** Makes what the findings about one tag have in common. */
function writerFor(tried: Tried, { repository, tag }: ServedTag) {
  const subject = { image: tried.image, reference: repository, tag };
  return (code: Code, digest: string, message: string, found: Side, value = tried.index.digest) =>
    finding(code, { ...subject, digest }, `${repository}:${tag} ${message}.`, {
      found,
      expected: { value, from: 'the index as published' },
    });
}

type Writer = ReturnType<typeof writerFor>;

/** Bytes that are called what they are not. */
function judgeNames({ index }: Tried, { first, last }: ReadTag, write: Writer) {
  const isSame = first.digest === last.digest && first.miscalled === last.miscalled;
  return (isSame ? [first] : [first, last]).flatMap(({ digest, miscalled }) => {
    if (miscalled === undefined) return [];
    const message = `gives bytes whose digest is ${digest} and calls them ${miscalled}; published was ${index.digest}`;
    return [write('served-other', digest, message, { value: digest, from: 'the bytes, hashed' })];
  });
}

/** What users of the tag cannot pull any more, as a clause behind the digest that it moved to. */
function goneThere({ platforms }: Tried, moved: TagAnswer, { last, instead }: ReadTag): string {
  // Of what was there only for a moment nothing more is known.
  if (instead === undefined || moved.digest !== last.digest) return '';
  const gone = platforms
    .map(({ platform }) => platform)
    .filter((platform) => !instead.some((one) => samePlatform(one, platform)));
  if (gone.length === 0) return '';
  return `, where ${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} gone`;
}

/** Other bytes than now and earlier; what is miscalled did not move there, and is told as that. */
function judgeMove(tried: Tried, served: ReadTag, write: Writer) {
  const { index } = tried;
  const { first, last, repository, tag, earlier } = served;
  const known = [index.digest, ...earlier];
  const moved = [first, last].find(
    ({ digest, miscalled }) => !known.includes(digest) && miscalled === undefined,
  );
  if (moved === undefined) return [];
  const when = first.digest === index.digest ? 'while it was read back' : 'since it was published';
  const message = `was published as ${index.digest}; ${when} it moved to ${moved.digest}${goneThere(tried, moved, served)}`;
  const found = { value: moved.digest, from: `the tag ${repository}:${tag}` };
  return [write('tag-moved', moved.digest, message, found)];
}

/** The right bytes as another type. */
function judgeTypes({ index }: Tried, { first, last }: ReadTag, write: Writer) {
  const types = [...new Set([first.mediaType, last.mediaType])];
  return types
    .filter((type) => type !== index.mediaType)
    .map((value) => {
      const message = `is served with the Content-Type "${value}", published was ${index.mediaType}`;
      const found = { value, from: 'the registry' };
      return write('served-other', index.digest, message, found, index.mediaType);
    });
}

/**
 * What a HEAD says of the right bytes. It counts because clients believe it: containerd,
 * and docker with it, takes digest, type and size of a tag from there and fails on others.
 */
function judgeHead({ index }: Tried, { head, first, last }: ReadTag, write: Writer) {
  if (head === undefined) return [];
  const wrong = (message: string, value: string, expected?: string) =>
    write('served-other', index.digest, message, { value, from: 'a HEAD of the tag' }, expected);
  const told = (what: string, value: string, expected: string) =>
    wrong(
      `has another ${what} in a HEAD, by which docker looks a tag up: ${value}, published was ${expected}`,
      value,
      expected,
    );
  const { miscalled, mediaType = index.mediaType, size = index.size } = head;
  const knownTypes = [index.mediaType, first.mediaType, last.mediaType];
  return [
    ...(miscalled === undefined ? [] : [told('digest', miscalled, index.digest)]),
    ...(knownTypes.includes(mediaType)
      ? []
      : [told('Content-Type', `"${mediaType}"`, index.mediaType)]),
    ...(size === index.size ? [] : [told('size', `${size} bytes`, `${index.size} bytes`)]),
  ];
}

const LAG =
  'The fault is on its side: look at what the tag serves, and run again; nothing that was uploaded is lost.';

/** What shows that a registry does not show yet what it took: no tag, or what was there before. */
function lagOf({ index }: Tried, served: ServedTag): string | undefined {
  const { first, head, last } = served;
  const earlier = served.earlier.filter((digest) => digest !== index.digest);
  if (first === undefined || last === undefined) return 'answers 404 to it';
  const digests = [first.digest, last.digest, head?.miscalled];
  const old = earlier.find((digest) => digests.includes(digest));
  if (old !== undefined) return `still serves what it served before, ${old}`;
  if (head !== undefined) return undefined;
  return 'answers 404 to a HEAD of it, by which docker looks a tag up';
}

/** It was waited for until nothing was left of the time for such; nothing is said about the image. */
function judgeLag(tried: Tried, served: ServedTag): readonly Finding[] {
  const lag = lagOf(tried, served);
  if (lag === undefined) return [];
  const { repository, tag, kept } = served;
  const name = `${repository}:${tag}`;
  const before = kept
    ? `The registry served ${tried.index.digest} under the tag ${name}`
    : `The registry took the tag ${name} (201) for ${tried.index.digest}`;
  const subject = { image: tried.image, reference: repository, tag };
  return [finding('registry-failed', subject, `${before} and ${lag}.`, { remedy: LAG })];
}

function isRead(served: ServedTag): served is ReadTag {
  return served.first !== undefined && served.last !== undefined;
}

/**
 * Compares what a tag gave, and what was said of it, with what was published under it. What it
 * served earlier, or nothing, is the registry's lag, however long; a third digest is a move.
 */
export function judgeTag(tried: Tried, served: ServedTag): readonly Finding[] {
  const { index } = tried;
  const lag = judgeLag(tried, served);
  if (!isRead(served)) return lag;
  const write = writerFor(tried, served);
  const names = judgeNames(tried, served, write);
  const isOurs = [served.first, served.last].every(({ digest }) => digest === index.digest);
  if (!isOurs) {
    const move = judgeMove(tried, served, write);
    return [...names, ...(move.length > 0 ? move : lag)];
  }
  const head = lag.length > 0 ? lag : judgeHead(tried, served, write);
  return [...names, ...judgeTypes(tried, served, write), ...head];
}
