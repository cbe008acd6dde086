import { defined } from '../types/index.js';

type OciErrorCode =
  /** Bytes do not have the digest or the size that names them. */
  | 'digest-mismatch'
  /** The format's rules are broken. */
  | 'malformed'
  /** The data ends in the middle of something. */
  | 'truncated'
  /** A limit on what is read from outside is passed. */
  | 'too-large'
  /** Right by the format, but nothing that is handled here. */
  | 'unsupported'
  /** A blob that something refers to is not there. */
  | 'missing';

interface Sides {
  readonly found?: string;
  readonly expected?: string;
  /** Byte offset in the stream that was read. */
  readonly offset?: number;
  readonly cause?: unknown;
}

/** What is wrong with an archive, a layout, a blob or a document. The message is a whole sentence. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly found?: string;
  readonly expected?: string;
  readonly offset?: number;

  constructor(
    readonly code: OciErrorCode,
    message: string,
    sides: Sides = {},
  ) {
    super(message, defined({ cause: sides.cause }));
    if (sides.found !== undefined) this.found = sides.found;
    if (sides.expected !== undefined) this.expected = sides.expected;
    if (sides.offset !== undefined) this.offset = sides.offset;
  }
}
