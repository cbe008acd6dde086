export { describeHandler } from './explain.js';
export { leaseHandlers, releaseHandlers, removeUnusedHandlers } from './handler-lease.js';
export { BINFMT_IMAGE, registeredHandlers } from './handlers.js';
export type { HandlerListener } from './install.js';
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
export { findingsOf, handlersFor, type ProvedHere, platformFacts } from './platform-facts.js';
export { beginProofs, type PlatformStatus } from './platform-proofs.js';
export type { Prover } from './prove.js';
export { createReprobe, type Reprobe } from './reprobe.js';
