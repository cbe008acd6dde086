export { removeBuildCaches, unknownOfPack } from './build-caches.js';
export { type Cleaned, type CleanupPorts, cleanRun, type Removers } from './clean-run.js';
export { cleanOldUnrecorded, cleanRuns, cleanUnrecorded, closeRecord } from './clean-runs.js';
export { labelsOf, OWNER_VARIABLE, type Owner, ownerText } from './labels.js';
export { isLive } from './live.js';
export { addedBy, hasEnded, reliedOn } from './noted-handlers.js';
export { removeIfPulled } from './pulled-image.js';
export {
  DAY,
  engineVariables,
  type HandlersBeingRemoved,
  type Made,
  noteIn,
  openRecord,
  type RecordPorts,
  type RunLeftovers,
  type RunRecord,
  recordOf,
  stateFolder,
  towardsEngine,
} from './run-record.js';
export type { RunTools } from './run-tools.js';
export { createUndo, type Undo } from './undo.js';
