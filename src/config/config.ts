import type { At, Said, SaidPath, Table } from '../document/index.js';
import type { Existing, Problem } from '../evidence/index.js';
import type { Cache, Ssh } from '../reference/index.js';

/**
 * A secret of a build: by its id. `env` and `file` say where the value is; with
 * neither, the workflow's inputs give it. `at` is where it was asked for.
 */
export interface SecretConfig {
  readonly id: string;
  readonly env?: string;
  readonly file?: string;
  readonly at: At;
}

/** A cache with the place of the entry that names it. */
export interface CacheConfig extends Cache {
  readonly at: At;
}

/** Paths are relative to the root, with `/`; addresses are as written. */
export interface BuildConfig {
  readonly context: SaidPath;
  readonly dockerfile: Said<string>;
  readonly target?: string;
  readonly args: Table;
  readonly contexts: readonly (SaidPath & { readonly name: string })[];
  readonly secrets: readonly SecretConfig[];
  readonly ssh: readonly (Ssh & { readonly at: At })[];
  readonly labels: Table;
  readonly cacheFrom: readonly CacheConfig[];
  readonly cacheTo: readonly CacheConfig[];
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly network?: Said<string>;
  readonly shmSize?: string;
  readonly addHosts: readonly string[];
  readonly ulimits: readonly string[];
  readonly cgroupParent?: Said<string>;
  readonly allow: readonly Said<string>[];
  readonly provenance: string;
  readonly sbom: string;
}

export interface MountConfig {
  /** Relative to the root. */
  readonly source: string;
  /** The absolute path that `source` was made of. */
  readonly written?: string;
  readonly target: string;
  readonly at: At;
}

/** A test as the configuration asks for it. */
export interface TestConfig {
  readonly at: At;
  readonly name: string;
  readonly onHost: boolean;
  readonly run: { readonly shell: string } | { readonly exec: readonly string[] };
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode: number;
  readonly env: Table;
  readonly user?: string;
  readonly workdir?: string;
  readonly mounts: readonly MountConfig[];
  readonly network?: Said<string>;
  /** Milliseconds. */
  readonly timeout: number;
  /** As written; undefined: all. */
  readonly platforms?: readonly Said<string>[];
}

/** Files of an image that may be for another platform, and why. */
export interface ForeignConfig {
  readonly at: At;
  readonly path: string;
  readonly reason: string;
}

export interface TargetConfig {
  readonly at: At;
  readonly repository: string;
  readonly tags: readonly string[];
  /** Platforms that these tags may lose, as written. */
  readonly replaces: readonly Said<string>[];
  readonly existing?: Existing;
}

/** An image as the configuration asks for it; the plan judges its platforms, names and files. */
export interface ImageConfig {
  readonly at: At;
  readonly id: Said<string>;
  /** What `{version}` stood for, where a glob made this image. */
  readonly version?: string;
  readonly targets: readonly TargetConfig[];
  /** As written; empty: the machine's own platform. */
  readonly platforms: readonly Said<string>[];
  readonly build: BuildConfig;
  readonly annotations: Table;
  readonly goMain?: string;
  readonly foreign: readonly ForeignConfig[];
  readonly tests: readonly TestConfig[];
  /** The workflow's own inputs describe it: what it asks for is granted. */
  readonly fromInputs: boolean;
}

/** What sea-trial.yml or the inputs say, with the place of each thing for what is found about it. */
export interface Config {
  /** The file, relative to the root; undefined where the inputs describe the image. */
  readonly file?: string;
  readonly publish: 'together' | 'per-image';
  readonly severities: Readonly<Record<string, 'error' | 'warning' | 'note' | 'off'>>;
  /** What could be understood; with problems it is not whole, and nothing may start. */
  readonly images: readonly ImageConfig[];
  /** Variables that the configuration uses and the environment gave, with their values. */
  readonly fromEnvironment: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** Where a text is not known, for want of a variable: there is nothing more to say of it. */
  readonly unknown: readonly At[];
}
