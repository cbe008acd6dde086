export { cutPlaces } from './cut-values.js';
export { isDuration, parseDuration, writeDuration } from './duration.js';
export { editDocument } from './edit.js';
export { formats, type TextFormat } from './formats.js';
export type { Located, LocatedPath, TextTable } from './located.js';
export {
  child,
  entry,
  list,
  type MapNode,
  mapScalars,
  type NodeEntry,
  type Position,
  type ScalarNode,
  type SourceNode,
  scalar,
} from './node.js';
export { fromRoot, holdsCredentials, isAddress, writtenPath } from './paths.js';
export { createVocabulary } from './places.js';
export { isRefused, type Key, type KeyTable, knownKeys, type Shape } from './shape.js';
export { shapes } from './shapes.js';
export { EditError } from './span.js';
export { corrected } from './spelling.js';
export { validate } from './validate.js';
export {
  flag,
  items,
  located,
  locatedWords,
  pairs,
  table,
  tableOf,
  text,
  words,
} from './values.js';
export { type Written, writeDocument } from './write.js';
export { LIMITS, readDocument } from './yaml.js';
