import { availableParallelism } from 'node:os';
import { type Clock, clock } from './clock.js';
import { type Exec, exec } from './exec.js';
import { type Files, files } from './files.js';
import { createHttp, type Http } from './http.js';
import { createResolve, type Resolve } from './names.js';
import { type Processes, realProcesses } from './processes.js';

export { inRange } from './addresses.js';
export { type Captured, capture } from './capture.js';
export { certificatesFor, type HostCertificates, hostsWithCertificates } from './certificates.js';
export type { Clock } from './clock.js';
export { dockerFolder } from './docker-folder.js';
export { endStarted, waitForStarted } from './end-started.js';
export { builderEnvironment, childEnvironment, loginEnvironment } from './environment.js';
export {
  type Command,
  type Exec,
  type Exit,
  type Output,
  type Running,
  refusalWords,
} from './exec.js';
export type { FileFacts, Files } from './files.js';
export type { Http, HttpRequest, HttpResponse } from './http.js';
export {
  INTERRUPTIONS,
  type Interruption,
  interruptedBy,
  interruption,
} from './interruption.js';
export { lines } from './lines.js';
export { type HttpHandler, type Listening, listen } from './listen.js';
export { isLoopback } from './loopback.js';
export type { Resolve } from './names.js';
export { inPieces, type PieceWriter } from './pieces.js';
export type { Processes, ProcessIdentity } from './processes.js';
export { realScreen, type Screen } from './screen.js';

/** All that touches the world, handed from the entries inwards. */
export interface Ports {
  readonly exec: Exec;
  readonly http: Http;
  readonly resolve: Resolve;
  readonly files: Files;
  readonly clock: Clock;
  readonly processes: Processes;
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
    env: { ...process.env },
    machine: {
      system: process.platform,
      architecture: process.arch,
      processors: availableParallelism(),
    },
  };
}
