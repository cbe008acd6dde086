export { describeHandler } from './explain.js';
export { removeUnusedHandlers } from './handler-lease.js';
export {
  type EmulationTools,
  type Inventory,
  installEmulators,
  type PlatformCheck,
  provablePlatforms,
  provePlatforms,
  removeEmulators,
  takeInventory,
} from './manage.js';
export { findingsOf, type ProvedHere, platformFacts } from './platform-facts.js';
export { beginProofs, type PlatformProofs, type PlatformStatus } from './platform-proofs.js';
export type { Reprobe } from './reprobe.js';
