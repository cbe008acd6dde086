export { compareLock, digestIn, type LockComparison } from './compare.js';
export { differences, type FactDifference, offerDifferences } from './differences.js';
export { pinFacts } from './facts.js';
export { lockFindings, lockLocation, settingFindings } from './findings.js';
export { CHANNELS, type Channel, lockShape } from './keys.js';
export { LOCK_NAME, type LoadedLock, type LockPlace, loadLock, lockPath } from './load.js';
export {
  type BuilderFacts,
  type ImageLock,
  type Lock,
  type LockedImage,
  type PinFacts,
  placeIn,
  type RunImageFacts,
} from './lock.js';
export { pinnedReferences } from './pin.js';
export { readLock } from './read.js';
export { differenceWords, shortReference } from './words.js';
export { writeLock } from './write.js';
