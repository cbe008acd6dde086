export { type Asked, type Environment, prepare } from './prepare.js';
