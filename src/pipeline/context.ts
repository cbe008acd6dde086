import type { KnownCaches, PinnedBase } from '../build/index.js';
import type { ResolvedBuild } from '../buildpacks/index.js';
import type { RunRecord } from '../cleanup/index.js';
import type { Request } from '../config/index.js';
import type { BackgroundTasks } from '../engine/index.js';
import type { Environment } from '../environment/index.js';
import type { EnvironmentFacts, Evidence, Finding, Listen, Redactor } from '../evidence/index.js';
import type { Layout } from '../oci/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import type { LoadedNames } from '../test/index.js';
import type { Identity } from './identity.js';
import type { LocalRegistry } from './local-registry.js';
import type { PackSetup } from './pack-setup.js';

/** What is decided about a run before it begins. */
export interface RunOptions {
  readonly planned: Planned;
  readonly request: Request;
  readonly tool: Evidence['tool'];
  readonly run: Pick<Evidence['run'], 'id' | 'attempt'>;
  /** A private folder of the run; the caller removes it. */
  readonly folder: string;
  /** Is told of everything that must not outlive the run, before it is made. */
  readonly record: RunRecord;
  readonly listen: Listen;
  /** Learns the secrets of the run before anything is reported. */
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** What the registries said before anything was built. */
export interface Preflight {
  readonly environment: Pick<EnvironmentFacts, 'targets' | 'tags'>;
  readonly findings: readonly Finding[];
  /** What bases are pinned to, by their references as written. */
  readonly bases: ReadonlyMap<string, PinnedBase>;
  /** Where other images have written the caches that builds read. */
  readonly caches: KnownCaches;
  /** References of caches of which a finding says that they cannot be read. */
  readonly refusedCaches: ReadonlySet<string>;
  /** What images from buildpacks are built with, by image id. */
  readonly builds: ReadonlyMap<string, ResolvedBuild>;
  /** Why an image is not built, by its id. */
  readonly stopped: ReadonlyMap<string, string>;
  /** Why nothing can be built. */
  readonly obstacle?: string;
}

/** What the stages of one run share. */
export interface RunContext {
  readonly options: RunOptions;
  readonly ports: Ports;
  readonly identity: Identity;
  readonly environment: Environment;
  readonly preflight: Preflight;
  readonly layout: Layout;
  /** What images from buildpacks are built with, where there are some. */
  readonly pack?: PackSetup;
  readonly loadedNames: LoadedNames;
  /** Takes the place of all others in a run that does not push. */
  readonly localRegistry?: LocalRegistry;
  /** Removals that no stage waits for. */
  readonly background: BackgroundTasks;
}
