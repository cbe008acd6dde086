export { action, afterAction } from './action.js';
export { commandLine } from './command-line.js';
