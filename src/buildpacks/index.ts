export type * from './builder.js';
