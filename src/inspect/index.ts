export { compare } from './compare.js';
export { inspect } from './inspect.js';
