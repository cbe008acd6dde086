export { describeHandler } from './explain.js';
export { releaseHandlers, relyOn, takeAwayHandlers } from './handler-lease.js';
export { BINFMT_IMAGE, registeredHandlers } from './handlers.js';
export type { Registering } from './install.js';
export {
  type EmulationTools,
  type Footing,
  type Inventory,
  installEmulators,
  provablePlatforms,
  provePlatforms,
  removeEmulators,
  takeInventory,
} from './manage.js';
export { findingsOf, handlersFor, type ProvedHere, platformFacts } from './platform-facts.js';
export type { Prover } from './prove.js';
export { beginProofs, type Standing } from './proving.js';
export { type Reproof, secondProofs } from './reprobe.js';
