import type { Descriptor, ServedContent, TestedImage } from '../evidence/index.js';

/** What a GET of a tag gave: Content-Type, hashed digest and counted size. */
export interface TagAnswer extends Descriptor {
  /** What the registry said the digest was, where it is none of the bytes. */
  readonly wrongClaim?: string;
}

/** What a HEAD said, as far as it said anything; a registry may know no HEAD, or no digests. */
interface TagHint {
  /** As in an answer, of the bytes that the last GET gave. */
  readonly wrongClaim?: string;
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

/** What one repository serves of an image that was tested and published there. */
export interface ServedRepository {
  readonly tested: TestedImage;
  /** As the evidence names it. */
  readonly repository: string;
  /** By the digest of its index, everything that was read below it. */
  readonly contents: ReadonlyMap<string, ServedContent>;
  readonly tags: readonly ServedTag[];
}
