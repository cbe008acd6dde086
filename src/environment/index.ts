export { ownBuilderName, removeBuilder } from './builder.js';
export { RUN_LABEL } from './image.js';
export { type Asked, type Environment, prepare } from './prepare.js';
