export type { Environment } from './needs.js';
export { prepare } from './prepare.js';
export { removers } from './removers.js';
