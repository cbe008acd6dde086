import type { Owner } from '../cleanup/index.js';
import type { EngineFacts, Shared } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import type { EngineRegistries } from './buildkitd.js';
import type { BuildxClient } from './buildx.js';
import type { BuilderOptions } from './options.js';

/** A builder to be made. */
export interface NewBuilder {
  readonly name: string;
  readonly options: BuilderOptions;
  /** What the engine knows of registries and proxies. */
  readonly engine: EngineRegistries & Pick<EngineFacts, 'proxies'>;
  /** Whether references to the loopback mean this machine to the engine, too. */
  sharesLoopback(): Promise<Shared>;
  /** Hosts of the registries that the plan names. */
  readonly registries: readonly string[];
  /** What BuildKit may allow builds beyond the ordinary, as `security.insecure`. */
  readonly entitlements: readonly string[];
  /** The run that takes it away again, where one does. */
  readonly owner?: Owner | undefined;
  /** Makes a private folder, which the caller removes. */
  makeFolder(): Promise<string>;
}

/** A buildx with which a builder can be created. */
export type CreatingClient = BuildxClient & Pick<Ports, 'resolve'>;
