export { judgeLocks, resolveBuilders } from './builders.js';
export type { RunOptions } from './context.js';
export { type ProbeBuild, runProbes } from './probe.js';
export { runPipeline } from './run.js';
