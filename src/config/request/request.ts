import type { SourceNode } from '../../document/index.js';
import type { Existing } from '../../evidence/index.js';
import type { DriverOption } from '../../reference/index.js';
import type { Trust, Untrusted } from '../trust/trust.js';

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

export interface PackRequest {
  /** `v0.40.8` or `0.40.8`. */
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
  /** The command of the command line, or the action's mode. */
  readonly command: string;
  /** Where the request comes from; messages name things accordingly. */
  readonly from: 'inputs' | 'arguments';
  /** Absolute. */
  readonly root: string;
  /** As written, relative to the root or absolute. */
  readonly configuration?: string;
  /** The image that the action's inputs describe, in the shape of one entry of `images`. */
  readonly inline?: SourceNode;
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
  readonly pack?: PackRequest;
  /** The image that installs emulators. */
  readonly binfmtImage?: string;
  /** Platforms that every tag of the run may lose, as written. */
  readonly replaces: readonly string[];
  /** What becomes of tags that are there, whatever a target says. */
  readonly existing?: Existing;
  /** Which images stay in the engine. */
  readonly load: false | 'passed' | 'always';
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
export type ParsedRequest = Omit<Request, 'trust'>;
