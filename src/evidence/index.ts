export {
  ANNOTATION_LEVELS,
  addressAnnotation,
  type ImageBase,
  indexAnnotations,
  manifestAnnotations,
} from './annotations.js';
export { brokenOff } from './broken-off.js';
export { type BuiltBy, builtBy, isBuiltBy } from './build-kind.js';
export { byStage, type Code, catalogue, finding, isCode } from './catalogue.js';
export { isEmptyCheckout, isFolder, isUsersRepository, NOT_CHECKED_OUT } from './contexts.js';
export { diskFault } from './disk-fault.js';
export { ESCAPES } from './escapes.js';
export type * from './events.js';
export { EXISTING, type Existing } from './existing.js';
export { joinWords } from './join-words.js';
export type * from './model.js';
export { findPattern, patternFault, type Stopwatch, TOO_LONG } from './pattern.js';
export { imageOn, imagesAsBuilt } from './platform-build.js';
export { elsewhere, type Problem, placeText } from './problem.js';
export { INTERRUPTED } from './reasons.js';
export { createRedactor, MASK, type Pieces, type Redactor, redacted } from './redaction.js';
export {
  compareServed,
  type Difference,
  type ServedContent,
  type TestedImage,
  testedImage,
} from './served.js';
export { aboutOf, applySeverities, isHeld, isOfProof } from './severity.js';
export { appliesTo, judgeTrial, notBuilt } from './trial.js';
export {
  type JudgedImage,
  type JudgedTrial,
  judge,
  type TrialState,
  type Verdict,
} from './verdict.js';
export { EVIDENCE_SCHEMA } from './version.js';
export { visible } from './visible.js';
export { formatEvidence, writeEvidence } from './write.js';
