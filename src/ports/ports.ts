import { availableParallelism } from 'node:os';
import { type Clock, clock } from './clock.js';
import { type Exec, exec } from './exec.js';
import { type Files, files } from './files.js';
import { createHttp, type Http } from './http.js';
import { type Processes, realProcesses } from './processes.js';
import { createResolve, type Resolve } from './resolve.js';
import { createToolCache, type ToolCache } from './tool-cache.js';

/** All that touches the world, handed from the entries inwards. */
export interface Ports {
  readonly exec: Exec;
  readonly http: Http;
  readonly resolve: Resolve;
  readonly files: Files;
  readonly clock: Clock;
  readonly processes: Processes;
  /** Where downloaded programs are kept; undefined where the environment names no folder. */
  readonly tools?: ToolCache | undefined;
  /** The payload of the event that started the workflow, where it is not read from the runner's file. */
  readonly payload?: () => Promise<unknown>;
  /** The environment that the process was started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** This machine: its system and processor as node names them (`linux`, `x64`), and how many run at once. */
  readonly machine: {
    readonly system: string;
    readonly architecture: string;
    readonly processors: number;
  };
}

/** The real ports of this process. */
export function realPorts(): Ports {
  return {
    exec,
    http: createHttp(process.env),
    resolve: createResolve(process.env),
    files,
    clock,
    processes: realProcesses(files),
    tools: createToolCache(process.env, files),
    env: { ...process.env },
    machine: {
      system: process.platform,
      architecture: process.arch,
      processors: availableParallelism(),
    },
  };
}
