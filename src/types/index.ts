export { defined } from './defined.js';
