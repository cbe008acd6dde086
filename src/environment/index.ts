export type { Reproof } from './again.js';
export { cleanRun } from './clean.js';
export { cleanOldStrangers, cleanRuns, cleanStrangers, closeRecord } from './clean-runs.js';
export {
  type Answers,
  askRegistries,
  layOver,
  type Need,
  needsOf,
  registryFacts,
  registryFindings,
} from './credentials/index.js';
export {
  type EmulationTools,
  type Footing,
  type Inventory,
  installEmulators,
  provablePlatforms,
  provePlatforms,
  removeEmulators,
  takeInventory,
} from './emulation.js';
export { describeHandler } from './explain.js';
export { loopbackFindings } from './loopback.js';
export { type Asked, type Environment, type Known, prepare } from './prepare.js';
export type { Standing } from './proving.js';
export { DAY, openRecord, type RunRecord, recordOf } from './record.js';
export { wishProblems } from './wish-problems.js';
