export { inRange, isMetadata } from './addresses.js';
export { type Captured, capture } from './capture.js';
export { certificatesFor, type HostCertificates, hostsWithCertificates } from './certificates.js';
export type { Clock } from './clock.js';
export { buildxFolder, dockerFolder } from './docker-folder.js';
export { endStarted, waitForStarted } from './end-started.js';
export {
  builderEnvironment,
  childEnvironment,
  isOfTheJob,
  loginEnvironment,
} from './environment.js';
export {
  abortable,
  type Command,
  type Exec,
  type Exit,
  type Output,
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
export { lastCall } from './last-call.js';
export { holdsLink, leaves, type Surroundings, staysInside } from './leaves.js';
export { lines } from './lines.js';
export { listen } from './listen.js';
export { isLoopback } from './loopback.js';
export type { Resolve } from './names.js';
export { type Observation, observed } from './observed.js';
export { DOCUMENT_TIME, endWithin, type Patience } from './patience.js';
export { inPieces, type PieceWriter } from './pieces.js';
export { type Ports, realPorts } from './ports.js';
export type { ProcessIdentity } from './processes.js';
export { NO_FILE } from './read-file.js';
export { replaceFile } from './replace-file.js';
export { realScreen, type Screen } from './screen.js';
export { signalNumber } from './signals.js';
export { type CachedTool, createToolCache, type ToolCache } from './tool-cache.js';
