export { connect, type GitHub } from './connect.js';
export type { WorkflowEvent } from './event.js';
export type { Runner } from './runner.js';
