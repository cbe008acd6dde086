export {
  type Annotation,
  annotationsOf,
  brokenOffAnnotation,
  findingAnnotations,
} from './annotations.js';
export { count } from './format.js';
export { PARTIAL, withoutHost } from './model/index.js';
export { outputsOf } from './outputs.js';
export { createProgress, type Progress, type ProgressKind } from './progress/index.js';
export {
  renderBrokenOff,
  renderPlanSummary,
  renderProblemSummary,
  renderSummary,
} from './summary/index.js';
export { createStyle, renderExecuted, renderTerminal, wrap } from './terminal/index.js';
export { printable, shown, shownLines } from './untrusted.js';
export {
  command,
  escapeCommands,
  escapeCommandsInJson,
  withoutCommands,
} from './workflow-commands.js';
