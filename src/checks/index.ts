export { type Check, type Code, catalogue, finding, isCode } from './catalogue.js';
