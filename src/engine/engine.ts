import type { Readable } from 'node:stream';
import type { Exit } from '../ports/index.js';
import type { LoadRecord } from './load-records.js';

/** What an engine is, read once at the start of a run. */
export interface EngineFacts {
  readonly name: 'docker';
  /** What tells it from all other engines; undefined where it does not say. */
  readonly id?: string;
  readonly version: string;
  /** The containerd store knows an image by its manifest, the classic one by its config. */
  readonly store: 'containerd' | 'classic';
  /** The engine's own platform, e.g. `linux/amd64`. */
  readonly platform: string;
  readonly rootless: boolean;
  /** The docker context in use; the engine's own builder has its name. */
  readonly context: string;
  /** Version of the client's buildx plugin, e.g. `0.29.1`; undefined where there is none. */
  readonly buildx?: string;
  /** The plugin's program on the client's machine. */
  readonly buildxFile?: string;
  /** Base URLs of the engine's mirrors for Docker Hub. */
  readonly mirrors: readonly string[];
  /** The folder on the engine's machine that holds images and containers. */
  readonly root?: string;
  /** Registries that the engine speaks to over plain HTTP, or over TLS that it does not verify. */
  readonly insecure: InsecureRegistries;
  /** The engine's own HTTP_PROXY, HTTPS_PROXY and NO_PROXY as far as they are set; it masks logins in them. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** What `insecure-registries` of an engine says. */
export interface InsecureRegistries {
  /** `registry:5000`. */
  readonly hosts: readonly string[];
  /** `10.0.0.0/8`; that of the loopback is always there. */
  readonly ranges: readonly string[];
}

/** A container to be made from an image that the engine holds. */
export interface ContainerSpec {
  readonly image: string;
  readonly platform: string;
  /** Replaces the image's entrypoint; undefined keeps it. */
  readonly entrypoint?: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workdir?: string;
  readonly network?: string;
  /** Files of the engine's own machine that it sees, and cannot write. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  /** By the one with the run's id it is known as that run's. */
  readonly labels: Readonly<Record<string, string>>;
}

/** How a container stands or ended, as the engine itself records it. */
export interface ContainerState {
  /** Its program has not ended; then there is no exit code yet, whatever is below. */
  readonly running: boolean;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** The engine's words where the container's program could not be started. */
  readonly error: string;
}

/** A started container: its two outputs, and when the client that reads them has ended. */
export interface Attached {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<Exit>;
  /** Ends the client; the container goes on by itself. */
  leave(): void;
}

/**
 * An engine that keeps images and runs containers. Every call rejects with
 * `EngineError` where the engine itself is at fault.
 */
export interface Engine {
  facts(): Promise<EngineFacts>;
  /** Loads the one tar that every store takes, with the image and its name in it. */
  load(tar: Readable): Promise<void>;
  /** All names of the image with that id or name, none for one that is dangling; undefined where there is no such image. */
  names(image: string): Promise<readonly string[] | undefined>;
  /** The id of the image that has the name; undefined where none has. */
  imageId(name: string): Promise<string | undefined>;
  /** Who gave names to images for later steps, as the engine keeps it. */
  loadRecords(): Promise<readonly LoadRecord[]>;
  recordLoad(record: LoadRecord): Promise<void>;
  forgetLoad(record: LoadRecord): Promise<void>;
  /** Gives the image one more name, which another image loses. */
  name(image: string, name: string): Promise<void>;
  /** Takes a name away, and with its last one the image. Rejects where a container uses that. */
  removeImage(name: string): Promise<void>;
  /** Makes a container, not yet started; answers its id. No interruption cuts it short: nobody would know the id. */
  create(spec: ContainerSpec): Promise<string>;
  /** Unpacks a tar stream into the root of a container that was made. */
  copyIn(container: string, tar: Readable): Promise<void>;
  /** Starts a container with its outputs attached from the first byte on. */
  start(container: string): Attached;
  /** Containers that are inspected in one moment share a client, and so do those that are removed. */
  inspect(container: string): Promise<ContainerState>;
  /** The signals that each process of a running container blocks, a bit each, in hexadecimal. */
  blockedSignals(container: string): Promise<readonly string[]>;
  kill(container: string): Promise<void>;
  /** Removes a container, running or not, with its anonymous volumes. */
  remove(container: string): Promise<void>;
  /** Ids of all containers that a run has made and that are still there. */
  containers(run: string): Promise<readonly string[]>;
}
