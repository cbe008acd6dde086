import type { Existing, Problem } from '../evidence/index.js';
import type { Cache, DriverOption, Ssh } from '../reference/index.js';
import type { At, Raw } from './raw.js';
import type { Trust, Untrusted } from './trust.js';

/** A value with the place that it was written at. */
export interface Said<T> {
  readonly value: T;
  readonly at: At;
}

/** A path, or an address; `written` is the absolute path that was made relative to the root. */
export interface SaidPath extends Said<string> {
  readonly written?: string;
}

export type Table = Readonly<Record<string, string>>;

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

/** A secret that the workflow's inputs give; values by id are in `Request.secretValues`. */
export interface SecretSource {
  readonly id: string;
  readonly env?: string;
  /** Relative to the root. */
  readonly file?: string;
}

/** A further machine of a builder. */
export interface NodeRequest {
  readonly name?: string;
  readonly endpoint?: string;
  readonly driverOptions: readonly DriverOption[];
  readonly buildkitdFlags?: string;
  /** As written; empty: what it runs natively. */
  readonly platforms: readonly string[];
}

/** A builder to be made, as the inputs of docker/setup-buildx-action describe one. */
export interface BuilderRequest {
  readonly driver?: 'docker' | 'docker-container' | 'kubernetes' | 'remote';
  readonly driverOptions: readonly DriverOption[];
  readonly buildkitdFlags?: string;
  /** buildkitd.toml: an absolute path, or its text. */
  readonly buildkitdConfig?: { readonly file: string } | { readonly text: string };
  readonly endpoint?: string;
  readonly nodes: readonly NodeRequest[];
  readonly keepState: boolean;
  readonly cleanup: boolean;
}

export interface BuildxRequest {
  /** `v0.36.1`, `0.36.1` or `latest`. */
  readonly version?: string;
  /** Takes the place of GitHub's release folder. */
  readonly mirror?: string;
}

/** A login for one registry, as written: an address or a host; empty for Docker Hub. */
export interface LoginRequest {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/** What is asked of a run, by the command line or the action's inputs. */
export interface Request {
  readonly command: 'run' | 'plan';
  /** Who asks: the names that problems have for things are theirs. */
  readonly from: 'inputs' | 'arguments';
  /** Absolute. */
  readonly root: string;
  /** As written, relative to the root or absolute. */
  readonly configuration?: string;
  /** The image that the action's inputs describe, in the shape of one entry of `images`. */
  readonly inline?: Raw;
  /** `ID` or `ID@PLATFORM`, as written. */
  readonly only: readonly string[];
  /** Platforms to run, as written. */
  readonly platforms: readonly string[];
  readonly set: ReadonlyMap<string, string>;
  readonly push: boolean;
  /** HOST[/PREFIX] that takes the place of every target's registry. */
  readonly registry?: string;
  readonly parallel?: number;
  /** Where the evidence is written, as written. */
  readonly evidence?: string;
  readonly json: boolean;
  readonly allowDirty: boolean;
  readonly grants: readonly string[];
  /** A builder that is there, or with `newBuilder` the name of the one that is made. */
  readonly builder?: string;
  readonly newBuilder?: BuilderRequest;
  readonly buildx?: BuildxRequest;
  /** The image that installs emulators. */
  readonly binfmtImage?: string;
  /** Platforms that every tag of the run may lose, as written. */
  readonly replaces: readonly string[];
  /** What becomes of tags that are there, whatever a target says. */
  readonly existing?: Existing;
  readonly load: boolean;
  readonly publish?: 'together' | 'per-image';
  /** Whether the event is a pull or merge request; the evidence has it. */
  readonly pullRequest: boolean;
  readonly untrusted: Untrusted;
  readonly trust: Trust;
  readonly secretSources: readonly SecretSource[];
  /** Values of secrets by id. Never in the plan, the evidence, a log or an argument. */
  readonly secretValues: ReadonlyMap<string, string>;
  /** Logins of the inputs; kept as secretValues are. */
  readonly logins?: readonly LoginRequest[];
  /** The workflow's token; kept as secretValues are. */
  readonly token?: string;
}

/** The same before it is decided whether the run is trusted. */
export type AskedRequest = Omit<Request, 'trust'>;
