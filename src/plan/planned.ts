import type { Config } from '../config/index.js';
import type { Finding, Location, Plan, Problem } from '../evidence/index.js';
import type { Base } from './bases.js';
import type { Locks } from './locks.js';
import type { LookAlike } from './look-alike-files.js';
import type { Source } from './source.js';

/** What a run is to do, and what was learned of the sources on the way to it. */
export interface Planned {
  readonly plan: Plan;
  /** Variables that the environment gave. */
  readonly fromEnvironment: Config['fromEnvironment'];
  readonly publicArgs: Config['publicArgs'];
  readonly source: Source['facts'];
  /** Of all images of the configuration, whichever are selected. */
  readonly imageIds: readonly string[];
  /** Seconds since 1970 of SOURCE_DATE_EPOCH or the commit, where there is one. */
  readonly epoch?: number;
  /** Different files that a builder may take for one another. */
  readonly lookAlikes: readonly LookAlike[];
  readonly findings: readonly Finding[];
  /** By image id: what its Dockerfile, or that of each platform, starts from and copies from. */
  readonly bases: ReadonlyMap<string, readonly Base[]>;
  /** By image id: the images that its Dockerfiles are read by, where they name one. */
  readonly frontends: ReadonlyMap<string, readonly Base[]>;
  /** By image id: where the configuration names its builder. */
  readonly builderLocations?: ReadonlyMap<string, Location>;
  /** By image id: what the parity lock says of it, where it is locked. */
  readonly locks: Locks['locks'];
  /** Sentences about what is otherwise than asked. */
  readonly notes: readonly string[];
}

/** A plan, or why there is none: what the configuration or the sources have wrong. */
export type Planning = Planned | { readonly problems: readonly Problem[] };
