export type * from './events.js';
export type * from './model.js';
export { EVIDENCE_SCHEMA } from './schema.js';
