export { isDuration, parseDuration } from './duration.js';
export { type Format, formats } from './formats.js';
export type { Said, SaidPath, Table } from './located.js';
export {
  type At,
  child,
  entry,
  list,
  mapScalars,
  type Raw,
  type RawEntry,
  type RawMap,
  type RawScalar,
  scalar,
} from './node.js';
export { fromRoot, holdsCredentials, isAddress, writtenPath } from './paths.js';
export { isRegistry, isRepository, splitReference } from './reference.js';
export { isRefused, type Key, type Keys, knownKeys, type Shape } from './shape.js';
export { corrected } from './spelling.js';
export { validate } from './validate.js';
export {
  flag,
  items,
  optional,
  pairs,
  said,
  saidWords,
  table,
  tableOf,
  text,
  words,
} from './values.js';
export { LIMITS, readDocument } from './yaml.js';
