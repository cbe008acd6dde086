export { cleanRun, type Removers } from './clean-run.js';
export { cleanOldStrangers, cleanRuns, cleanStrangers, closeRecord } from './clean-runs.js';
export {
  DAY,
  engineVariables,
  type Made,
  noteIn,
  openRecord,
  type Remains,
  type Removing,
  type RunRecord,
  readRecords,
  recordOf,
  stateFolder,
  towardsEngine,
} from './journal.js';
export { labelsOf, OWNER_VARIABLE, type Owner, ownerText } from './labels.js';
export { addedBy, hasEnded, reliedOn } from './noted-handlers.js';
export { removeLaterIfPulled } from './pulled-image.js';
export { createUndo, type Undo } from './undo.js';
