import type { PinnedBase } from '../build/index.js';
import type { RunRecord } from '../cleanup/index.js';
import type { Request } from '../config/index.js';
import type { BackgroundTasks } from '../engine/index.js';
import type { Environment } from '../environment/index.js';
import type { EnvironmentFacts, Evidence, Finding, Listen, Redactor } from '../evidence/index.js';
import type { Layout } from '../oci/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import type { LoadedNames } from '../test/index.js';
import type { Identity } from './registries.js';

/** A run with everything that it was decided to be before it began. */
export interface RunOptions {
  readonly planned: Planned;
  readonly request: Request;
  readonly tool: Evidence['tool'];
  readonly run: Pick<Evidence['run'], 'id' | 'attempt'>;
  /** A private folder of the run's own, removed by whoever made it. */
  readonly folder: string;
  /** Hears of everything that must not outlive the run before it is made. */
  readonly record: RunRecord;
  readonly listen: Listen;
  /** Learns the run's secrets, before anything is preflight of it. */
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** What the stages of one run share. */
export interface RunContext {
  readonly options: RunOptions;
  readonly ports: Ports;
  readonly environment: Environment;
  readonly layout: Layout;
  readonly loadedNames: LoadedNames;
  readonly background: BackgroundTasks;
  readonly identity: Identity;
  /** What the registries said before anything was built. */
  readonly preflight: {
    readonly environment: Pick<EnvironmentFacts, 'targets' | 'tags'>;
    readonly findings: readonly Finding[];
  };
  /** What bases are pinned to, by their references as written. */
  readonly bases: ReadonlyMap<string, PinnedBase>;
  /** Why nothing is to be built at all. */
  readonly obstacle?: string;
  readonly labels: Readonly<Record<string, string>>;
}
