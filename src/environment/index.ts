export { type Environment, prepare } from './prepare.js';
export { removers } from './removers.js';
