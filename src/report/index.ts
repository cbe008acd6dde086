export { annotateBrokenOff, renderAnnotations } from './annotations.js';
export {
  command,
  escapeCommands,
  escapeCommandsInJson,
  withoutCommands,
} from './commands.js';
export type { Progress } from './display.js';
export { renderExecuted } from './executed.js';
export { count } from './format.js';
export { wrap } from './layout.js';
export { outputsOf } from './outputs.js';
export { colours } from './paint.js';
export { createProgress, type ProgressKind } from './progress.js';
export {
  renderBrokenOff,
  renderPlanSummary,
  renderProblemSummary,
} from './summary/short.js';
export { renderSummary } from './summary/summary.js';
export { renderTerminal } from './terminal.js';
export { printable, shown, shownLines } from './untrusted.js';
export { isStart, PARTIAL, withoutHost } from './words.js';
