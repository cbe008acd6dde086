export { renderExecuted } from './command-log.js';
export { columnsOf, truncated, wrap } from './layout.js';
export { renderTerminal } from './report.js';
export { createStyle, type Style } from './style.js';
