export { type AddressClass, addressClass, inRange } from './addresses.js';
export { type CapturedOutput, capture } from './capture.js';
export { certificatesFor, type HostCertificates, hostsWithCertificates } from './certificates.js';
export {
  builderEnvironment,
  childEnvironment,
  type EnvironmentVariables,
  isJobVariable,
  loginEnvironment,
} from './child-environment.js';
export { type ChunkWriter, chunkWriter } from './chunk-writer.js';
export type { Clock } from './clock.js';
export { buildxFolder, dockerFolder } from './docker-folder.js';
export {
  abortable,
  type Command,
  type CommandOutput,
  type Exec,
  type Exit,
  explainStartFailure,
} from './exec.js';
export type { FileFacts, Files } from './files.js';
export type { Http, HttpRequest, HttpResponse } from './http.js';
export {
  INTERRUPTIONS,
  type Interruption,
  interruptedBy,
  interruption,
} from './interruption.js';
export { withInterruptionGrace } from './interruption-grace.js';
export { lines } from './lines.js';
export { listen } from './listen.js';
export { endMarkedProcesses, waitForMarkedProcesses } from './marked-processes.js';
export { type CommandObservation, observedExec } from './observed-exec.js';
export {
  containsSymlink,
  linksStayInside,
  type PathScope,
  pathEscape,
  realPath,
} from './path-escape.js';
export { type Ports, realPorts } from './ports.js';
export type { ProcessIdentity } from './processes.js';
export { NOT_A_FILE } from './read-file.js';
export { replaceFile } from './replace-file.js';
export type { Resolve } from './resolve.js';
export { realScreen, type Screen } from './screen.js';
export { signalNumber } from './signals.js';
export { DOCUMENT_TIME, endWithin, type Timeouts } from './timeouts.js';
export { type CachedTool, createToolCache, type ToolCache } from './tool-cache.js';
