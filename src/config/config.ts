import type { Located, LocatedPath, Position, TextTable } from '../document/index.js';
import type { Existing, Problem } from '../evidence/index.js';
import type { Cache, Ssh } from '../reference/index.js';

/**
 * A secret of a build: by its id. `env` and `file` say where the value is; with
 * neither, the workflow's inputs give it. `at` is where it was asked for.
 */
export interface SecretEntry {
  readonly id: string;
  readonly env?: string;
  readonly file?: string;
  readonly at: Position;
}

/** A cache with the place of the entry that names it. */
export interface CacheEntry extends Cache {
  readonly at: Position;
}

/** Paths are relative to the root, with `/`; addresses are as written. */
export interface BuildEntry {
  readonly context: LocatedPath;
  readonly dockerfile: Located<string>;
  readonly target?: string;
  readonly args: TextTable;
  readonly contexts: readonly (LocatedPath & { readonly name: string })[];
  readonly secrets: readonly SecretEntry[];
  readonly ssh: readonly (Ssh & { readonly at: Position })[];
  readonly labels: TextTable;
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly network?: Located<string>;
  readonly shmSize?: string;
  readonly addHosts: readonly string[];
  readonly ulimits: readonly string[];
  readonly cgroupParent?: Located<string>;
  readonly allow: readonly Located<string>[];
  readonly provenance: string;
  readonly sbom: string;
}

export interface MountEntry {
  /** Relative to the root. */
  readonly source: string;
  /** The absolute path that `source` was made of. */
  readonly written?: string;
  readonly target: string;
  readonly at: Position;
}

/** A test as the configuration asks for it. */
export interface TestEntry {
  readonly at: Position;
  readonly name: string;
  readonly onHost: boolean;
  readonly run: { readonly shell: string } | { readonly exec: readonly string[] };
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode: number;
  readonly env: TextTable;
  readonly user?: string;
  readonly workdir?: string;
  readonly mounts: readonly MountEntry[];
  readonly network?: Located<string>;
  /** Milliseconds. */
  readonly timeout: number;
  /** As written; undefined: all. */
  readonly platforms?: readonly Located<string>[];
}

/** Files of an image that may be for another platform, and why. */
export interface ForeignEntry {
  readonly at: Position;
  readonly path: string;
  readonly reason: string;
}

export interface TargetEntry {
  readonly at: Position;
  readonly repository: string;
  readonly tags: readonly string[];
  /** Platforms that these tags may lose, as written. */
  readonly replaces: readonly Located<string>[];
  readonly existing?: Existing;
}

/** An image as the configuration asks for it; the plan judges its platforms, names and files. */
export interface ImageEntry {
  readonly at: Position;
  readonly id: Located<string>;
  /** What `{version}` stood for, where a glob made this image. */
  readonly version?: string;
  readonly targets: readonly TargetEntry[];
  /** As written; empty: the machine's own platform. */
  readonly platforms: readonly Located<string>[];
  readonly build: BuildEntry;
  readonly annotations: TextTable;
  readonly goMain?: string;
  readonly foreign: readonly ForeignEntry[];
  readonly tests: readonly TestEntry[];
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
  readonly images: readonly ImageEntry[];
  /** Variables that the configuration uses and the environment gave, with their values. */
  readonly fromEnvironment: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** Where a text is not known, for want of a variable: there is nothing more to say of it. */
  readonly unknown: readonly Position[];
}
