import type { Readable } from 'node:stream';
import type { Exit } from '../ports/index.js';
import type { LoadRecord } from './load-records.js';

/** What an engine says about itself, read once at the start of a run. */
export interface EngineFacts {
  readonly name: 'docker';
  /** Identifies the engine; undefined where it does not say. */
  readonly id?: string;
  readonly version: string;
  /** An image's id is the digest of its manifest in the containerd store, of its config in the classic one. */
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
  /** Registries that the engine reaches over plain HTTP, or over TLS that it does not verify. */
  readonly insecure: InsecureRegistries;
  /** The engine's own HTTP_PROXY, HTTPS_PROXY and NO_PROXY where they are set; it masks logins in them. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** The engine's setting `insecure-registries`. */
export interface InsecureRegistries {
  /** `registry:5000`. */
  readonly hosts: readonly string[];
  /** `10.0.0.0/8`; the loopback's range is always among them. */
  readonly ranges: readonly string[];
}

/** A container to create from an image that the engine holds. */
export interface ContainerSpec {
  readonly image: string;
  readonly platform: string;
  /** Replaces the image's entrypoint; undefined keeps it. */
  readonly entrypoint?: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A file of this machine with more of them, a line `NAME=value` each. */
  readonly envFile?: string;
  readonly user?: string;
  readonly workdir?: string;
  readonly network?: string;
  /** Files of the engine's machine, mounted read-only. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  /** Volumes by name, and folders of the engine's machine by path. */
  readonly volumes?: readonly {
    readonly source: string;
    readonly target: string;
    readonly writable: boolean;
  }[];
  /** The one with the run's id marks the container as that run's. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The state of a container, as the engine records it. */
export interface ContainerState {
  /** Its program has not ended; then `exitCode` means nothing yet. */
  readonly running: boolean;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** The engine's message where the program could not be started. */
  readonly error: string;
}

/** A started container: its two outputs, and the end of the client that reads them. */
export interface Attached {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<Exit>;
  /** Ends the client; the container keeps running. */
  leave(): void;
}

/**
 * The door to an engine that stores images and runs containers; nothing else starts
 * its client for these. Every call rejects with `EngineError` where the engine itself
 * is at fault. Calls of one moment may share a client.
 */
export interface Engine {
  facts(): Promise<EngineFacts>;
  /** Loads a tar that holds an image and its name, as `engineArchive` makes it. */
  load(tar: Readable): Promise<void>;
  /** All names of the image with that id or name; none for a dangling image, undefined where there is no such image. */
  names(image: string): Promise<readonly string[] | undefined>;
  /** The id of the image with that name; undefined where there is none. */
  imageId(name: string): Promise<string | undefined>;
  /** Which repository's run gave which name to an image for later steps, as recorded in the engine. */
  loadRecords(): Promise<readonly LoadRecord[]>;
  recordLoad(record: LoadRecord): Promise<void>;
  forgetLoad(record: LoadRecord): Promise<void>;
  /** Gives the image one more name; an image that had that name loses it. */
  name(image: string, name: string): Promise<void>;
  /** Removes a name, and with its last name the image. Rejects while a container uses the image. */
  removeImage(name: string): Promise<void>;
  /** Creates a container without starting it; answers its id. An interruption does not cut it short, or its id would be lost. */
  create(spec: ContainerSpec): Promise<string>;
  /** Unpacks a tar stream into the root of a created container; `stop` ends that. */
  copyIn(container: string, tar: Readable, stop?: AbortSignal): Promise<void>;
  /** Hands a file or a folder of a container, started or not, to `read` as a tar, which takes it to its end. */
  copyOut(container: string, path: string, read: (tar: Readable) => Promise<void>): Promise<void>;
  /** Starts a container with its outputs attached from the first byte on. */
  start(container: string): Attached;
  inspect(container: string): Promise<ContainerState>;
  /** The signal masks of a running container's threads: a bit for each blocked signal, in hexadecimal. */
  blockedSignals(container: string): Promise<readonly string[]>;
  kill(container: string): Promise<void>;
  /** Removes a container, running or not, with its anonymous volumes. */
  remove(container: string): Promise<void>;
  /** Ids of all containers of a run that still exist. */
  containers(run: string): Promise<readonly string[]>;
}
