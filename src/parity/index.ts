export { compareLock, digestIn, type LockComparison } from './compare.js';
export { readDescriptor } from './descriptor.js';
export { differences, type FactDifference, offerDifferences } from './differences.js';
export { pinFacts } from './facts.js';
export { listed, lockFindings, lockLocation, offerFindings, settingFindings } from './findings.js';
export { lockShape } from './keys.js';
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
export { offersByRuntime, withKeptOffers, withProbes } from './offers.js';
export { fits, pinnedReferences, type WrittenPins } from './pin.js';
export { readLock } from './read.js';
export { type ImageSettings, lockImage } from './resolve.js';
export {
  OWN_TAGS,
  type ReadSource,
  readSource,
  type SourceAsked,
  type SourcePins,
  type SourceReaders,
  withoutDigest,
} from './source.js';
export { type ChannelValues, readValues } from './values-file.js';
export { differenceWords, shortReference } from './words.js';
export { writeLock } from './write.js';
