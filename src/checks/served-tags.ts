import { type Code, type Finding, finding, type TestedImage } from '../evidence/index.js';
import { samePlatform } from '../platform/index.js';
import type { ServedRepository, ServedTag, TagAnswer } from './served-repository.js';

/** One that was there each time that it was read. */
type ReadTag = ServedTag & { readonly first: TagAnswer; readonly last: TagAnswer };

interface ObservedValue {
  readonly value: string;
  readonly from: string;
  /** What the index says; undefined: its digest. */
  readonly expected?: string | undefined;
}

/** Makes what the findings about one tag have in common. */
function writerFor(tested: TestedImage, { repository, tag }: ServedTag) {
  const subject = { image: tested.image, reference: repository, tag };
  return (
    code: Code,
    digest: string,
    message: string,
    { expected = tested.index.digest, ...found }: ObservedValue,
  ) =>
    finding(code, { ...subject, digest }, `${repository}:${tag} ${message}.`, {
      found,
      expected: { value: expected, from: 'the index as published' },
    });
}

type Writer = ReturnType<typeof writerFor>;

/** Bytes that are called what they are not. */
function judgeNames({ index }: TestedImage, { first, last }: ReadTag, write: Writer) {
  const isSame = first.digest === last.digest && first.wrongClaim === last.wrongClaim;
  return (isSame ? [first] : [first, last]).flatMap(({ digest, wrongClaim }) => {
    if (wrongClaim === undefined) return [];
    const message = `serves bytes with the digest ${digest} and names ${wrongClaim} in its header; it was published as ${index.digest}`;
    return [write('served-other', digest, message, { value: digest, from: 'the bytes, hashed' })];
  });
}

/** What users of the tag cannot pull any more, as a clause behind the digest that it moved to. */
function goneThere(
  { platforms }: TestedImage,
  moved: TagAnswer,
  { last, instead }: ReadTag,
): string {
  // Of what was there only for a moment nothing more is known.
  if (instead === undefined || moved.digest !== last.digest) return '';
  const gone = platforms
    .map(({ platform }) => platform)
    .filter((platform) => !instead.some((one) => samePlatform(one, platform)));
  if (gone.length === 0) return '';
  return `, where ${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} gone`;
}

/** Other bytes than now and earlier; what is wrongClaim did not move there, and is told as that. */
function judgeMove(tested: TestedImage, served: ReadTag, write: Writer) {
  const { index } = tested;
  const { first, last, repository, tag, earlier } = served;
  const known = [index.digest, ...earlier];
  const moved = [first, last].find(
    ({ digest, wrongClaim }) => !known.includes(digest) && wrongClaim === undefined,
  );
  if (moved === undefined) return [];
  const when = first.digest === index.digest ? 'while it was read back' : 'since it was published';
  const message = `was published as ${index.digest}; ${when} it moved to ${moved.digest}${goneThere(tested, moved, served)}`;
  const found = { value: moved.digest, from: `the tag ${repository}:${tag}` };
  return [write('tag-moved', moved.digest, message, found)];
}

/** The right bytes as another type. */
function judgeTypes({ index }: TestedImage, { first, last }: ReadTag, write: Writer) {
  const types = [...new Set([first.mediaType, last.mediaType])];
  return types
    .filter((type) => type !== index.mediaType)
    .map((value) => {
      const message = `is served with the Content-Type "${value}"; it was published with ${index.mediaType}`;
      const found = { value, from: 'the registry', expected: index.mediaType };
      return write('served-other', index.digest, message, found);
    });
}

/**
 * What a HEAD says of the right bytes. It counts because clients believe it: containerd,
 * and docker with it, takes digest, type and size of a tag from there and fails on others.
 */
function judgeHead({ index }: TestedImage, { head, first, last }: ReadTag, write: Writer) {
  const wrong = (message: string, value: string, expected?: string) =>
    write('served-other', index.digest, message, { value, from: 'a HEAD of the tag', expected });
  const told = (what: string, value: string, expected: string) =>
    wrong(
      `has another ${what} in a HEAD, by which docker looks up a tag: ${value}; it was published with ${expected}`,
      value,
      expected,
    );
  const { wrongClaim, mediaType = index.mediaType, size = index.size } = head ?? {};
  const knownTypes = [index.mediaType, first.mediaType, last.mediaType];
  return [
    ...(wrongClaim === undefined ? [] : [told('digest', wrongClaim, index.digest)]),
    ...(knownTypes.includes(mediaType)
      ? []
      : [told('Content-Type', `"${mediaType}"`, index.mediaType)]),
    ...(size === index.size ? [] : [told('size', `${size} bytes`, `${index.size} bytes`)]),
  ];
}

const LAG =
  'The fault is in the registry: look at what the tag serves, and run again; nothing that was uploaded is lost.';

/** What shows that a registry does not show yet what it took: no tag, or what was there before. */
function lagOf({ index }: TestedImage, served: ServedTag): string | undefined {
  const { first, head, last } = served;
  const earlier = served.earlier.filter((digest) => digest !== index.digest);
  if (first === undefined || last === undefined) return 'answers 404 to it';
  const digests = [first.digest, last.digest, head?.wrongClaim];
  const old = earlier.find((digest) => digests.includes(digest));
  if (old !== undefined) return `still serves what it served before, ${old}`;
  if (head !== undefined) return undefined;
  return 'answers 404 to a HEAD of it, by which docker looks up a tag';
}

/** It was waited for until nothing was left of the time for such; nothing is said about the image. */
function judgeLag(tested: TestedImage, served: ServedTag): readonly Finding[] {
  const lag = lagOf(tested, served);
  if (lag === undefined) return [];
  const { repository, tag, kept } = served;
  const name = `${repository}:${tag}`;
  const before = kept
    ? `The registry served ${tested.index.digest} under the tag ${name}`
    : `The registry accepted the tag ${name} for ${tested.index.digest}`;
  const subject = { image: tested.image, reference: repository, tag };
  return [finding('registry-failed', subject, `${before} and ${lag}.`, { remedy: LAG })];
}

function isRead(served: ServedTag): served is ReadTag {
  return served.first !== undefined && served.last !== undefined;
}

/**
 * Compares what a tag gave, and what was said of it, with what was published under it. What it
 * served earlier, or nothing, is the registry's lag, however long; a third digest is a move.
 */
function judgeTag(tested: TestedImage, served: ServedTag): readonly Finding[] {
  const { index } = tested;
  const lag = judgeLag(tested, served);
  if (!isRead(served)) return lag;
  const write = writerFor(tested, served);
  const names = judgeNames(tested, served, write);
  const isOurs = [served.first, served.last].every(({ digest }) => digest === index.digest);
  if (!isOurs) {
    const move = judgeMove(tested, served, write);
    return [...names, ...(move.length > 0 ? move : lag)];
  }
  const head = lag.length > 0 ? lag : judgeHead(tested, served, write);
  return [...names, ...judgeTypes(tested, served, write), ...head];
}

/** Each tag of a repository against what was published under it. */
export function servedTags({ tested, tags }: ServedRepository): readonly Finding[] {
  return tags.flatMap((tag) => judgeTag(tested, tag));
}
