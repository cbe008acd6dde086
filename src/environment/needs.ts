import type { BuilderNeeds, Buildx, UsedBuilder } from '../builder/index.js';
import type { PlatformProofs } from '../emulation/index.js';
import type { EngineFacts, Shared } from '../engine/index.js';
import type { EnvironmentFacts, Finding } from '../evidence/index.js';

/** What a run needs beside the engine. */
export interface EnvironmentNeeds {
  readonly builder?: BuilderNeeds;
  /** Hosts of the registries that images are pushed to. */
  readonly targets?: readonly string[];
  /** Platforms, normalised, whose programs are to run here. */
  readonly platforms?: readonly string[];
  /** The image that installs emulators where some are missing (default: binfmt's, pinned). */
  readonly installer?: string | undefined;
}

interface WithEngine {
  readonly facts: EngineFacts;
  /** Removes what was created, and nothing else. Can be called again when it rejected. */
  undo(): Promise<void>;
}

interface WithBuilder {
  readonly builder: UsedBuilder;
  readonly buildx: Buildx;
  /** Whether references to the loopback mean this machine to the engine, too; tested once, when first called. Never rejects. */
  sharesLoopback(): Promise<Shared>;
}

/** What is known when every platform has been looked at. */
interface KnownPlatforms {
  /** Those of the platforms that run here. */
  readonly runnable: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

interface WithPlatforms<Known> extends Pick<PlatformProofs, 'status' | 'reprobe'> {
  /** Rejects with `EngineError`, and with the signal's reason. */
  readonly known: Promise<Known>;
}

type Both = Required<Pick<EnvironmentNeeds, 'builder' | 'platforms'>>;

/** What `prepare` answers: the parts that were asked for. */
export type Prepared<N extends EnvironmentNeeds> = WithEngine &
  (N extends Pick<Both, 'builder'> ? WithBuilder : unknown) &
  (N extends Both
    ? WithPlatforms<KnownPlatforms & { readonly surroundings: EnvironmentFacts }>
    : N extends Pick<Both, 'platforms'>
      ? WithPlatforms<KnownPlatforms>
      : unknown);

/** An engine with a builder, whose platforms are being proved. */
export type Environment = Prepared<Both>;
