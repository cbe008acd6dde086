export { renderAnnotations } from './annotations.js';
export {
  command,
  escapeCommands,
  escapeCommandsInJson,
  withoutCommands,
} from './commands.js';
export type { Progress, ProgressPorts } from './display.js';
export { wrap } from './layout.js';
export { type Outputs, outputsOf } from './outputs.js';
export { createProgress, type ProgressKind } from './progress.js';
export { renderSummary } from './summary/summary.js';
export { renderTerminal, type TerminalOptions } from './terminal.js';
export { printable, shown, shownLines } from './untrusted.js';
