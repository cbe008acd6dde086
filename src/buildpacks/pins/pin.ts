import type { Constraint } from '../versions.js';

/** A language whose version a file of an application can pin. */
export const RUNTIMES = ['go', 'node', 'php', 'python', 'ruby'] as const;

export type Runtime = (typeof RUNTIMES)[number];

/** A place in a file; counted from 1. */
interface PinPlace {
  readonly line: number;
  readonly column: number;
}

/** What a file pins. */
export interface WrittenPin extends PinPlace {
  /** The version or the range as written. */
  readonly text: string;
  /** What stands before a version in this file: `python-`. */
  readonly prefix?: string;
  /** Undefined where only the tool can say which versions these are, as `lts/*`. */
  readonly constraint?: Constraint;
  /** For what takes the version as it is written where the language's own tool takes newer ones. */
  readonly strictly?: Constraint;
}

/** Why a file's own tool refuses it. */
export interface PinFault extends PinPlace {
  /** A clause about the file: `it has two versions, 3.12 and 3.13`. */
  readonly fault: string;
  /** It could not be read here; a buildpack may read it all the same. */
  readonly unread?: true;
}

/** What a pin file says. What only a strict reader refuses may have a pin all the same. */
export interface PinReading {
  readonly pin?: WrittenPin;
  readonly fault?: PinFault;
}

/** A kind of file that pins a runtime. */
export interface PinFormat {
  /** `.python-version` */
  readonly name: string;
  readonly runtime: Runtime;
  /** Bytes; what is larger is not read. */
  readonly limit: number;
  /** What a file of this name says; nothing where it pins no runtime. */
  parse(text: string): PinReading;
}

/** A pin in a file of an application. */
export interface Pin extends WrittenPin {
  readonly runtime: Runtime;
  /** The file's own name: `.python-version`. */
  readonly name: string;
  /** Relative to the workspace. */
  readonly file: string;
  /** It is a variable of the build, named by `name` and `file`, without a place in a file. */
  readonly variable?: true;
}

/** A file that its tool refuses. */
export interface FaultyPin extends PinFault, Pick<Pin, 'runtime' | 'name' | 'file'> {}

/** Limits of files that have a line or two, and of manifests. */
export const SMALL = 64 * 1024;
export const LARGE = 4 * 1024 * 1024;
