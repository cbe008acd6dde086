import type { Key, Located, Position, Shape, SourceNode } from '../../document/index.js';
import type { PlannedTest } from '../../evidence/index.js';
import type { ReadContext } from '../read-context.js';

/** Something that a configuration asks for and only a grant gives. */
export interface GrantRequest {
  readonly grant: string;
  /** What is asked for; a sentence goes on with "needs the grant". */
  readonly what: string;
  readonly at: Position;
  /** Only an untrusted run needs the grant. */
  readonly untrusted?: true;
}

/** A file or folder that a test takes from this machine. */
export interface MountSource {
  /** Relative to the root. */
  readonly source: string;
  /** The absolute path that `source` was made of. */
  readonly written?: string;
  readonly at: Position;
}

/** A text that goes to a program as one argument or one variable. */
export interface ArgumentText {
  readonly what: string;
  readonly text: string;
}

/** The plan's part of a test that its keys say. */
export type TestPlan = Omit<PlannedTest, 'platforms' | 'location'>;

/** What a key of a test comes to. */
export interface TestPart {
  readonly plan?: Partial<TestPlan>;
  readonly grants?: readonly GrantRequest[];
  readonly mounts?: readonly MountSource[];
  readonly texts?: readonly ArgumentText[];
  /** Process types, which only images from buildpacks have. */
  readonly processes?: readonly Located<string>[];
}

/** A key of an entry of `tests`: what may be written, and what is read of it. */
export interface TestKey {
  readonly shape: Shape;
  readonly description: string;
  readonly required?: true;
  readonly unless?: string;
  readonly read?: (test: SourceNode, context: ReadContext) => TestPart;
}

/** The keys of a kind's entries, and those of other tools with the sentence that answers them. */
export type TestKeys = Readonly<
  Record<string, TestKey | Extract<Key, { readonly refused: string }>>
>;

/** A kind of test that an entry of `tests` may be of. */
export interface TestKind {
  readonly kind: PlannedTest['kind'];
  /** Whether its programs run in a container of the image. */
  readonly inContainer: boolean;
  /** Whether an entry is of this kind; the first kind that says so has it. */
  readonly matches: (test: SourceNode) => boolean;
  readonly keys: TestKeys;
  /** The sentence about a key that only other kinds have. */
  readonly refuses?: (key: string) => string;
}

/** How long a test may take where nothing else is written, in milliseconds. */
export const TIMEOUT = 5 * 60_000;

/** A test of which nothing but its name and kind is known. */
export function bareTest(name: string, kind: PlannedTest['kind']): TestPlan {
  return { name, kind, exitCode: 0, env: {}, mounts: [], timeout: TIMEOUT };
}

/** A test as the configuration asks for it; the plan judges what it asks for. */
export interface TestEntry {
  readonly at: Position;
  readonly plan: TestPlan;
  /** As written; empty: all. */
  readonly platforms: readonly Located<string>[];
  readonly grants: readonly GrantRequest[];
  readonly mounts: readonly MountSource[];
  readonly texts: readonly ArgumentText[];
  readonly processes: readonly Located<string>[];
}
