export type { RunOptions } from './context.js';
export { runPipeline } from './run.js';
