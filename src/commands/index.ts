export { action, afterAction } from './action.js';
export { commandLine } from './command-line.js';
export { type Deck, type Ended, run } from './run.js';
