export { renderAnnotations } from './annotations.js';
export {
  command,
  escapeCommands,
  escapeCommandsInJson,
  withoutCommands,
} from './commands.js';
export { type Outputs, outputsOf } from './outputs.js';
export {
  createProgress,
  type Progress,
  type ProgressKind,
  type ProgressPorts,
} from './progress.js';
export { renderSummary } from './summary/summary.js';
export { renderTerminal, type TerminalOptions } from './terminal.js';
export { printable, shown, shownLines } from './untrusted.js';
