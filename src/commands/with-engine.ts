/**
 * What works with the engine, loaded when a command needs it: a plan, a help and a
 * mistake of the configuration are there sooner without. All of it is one chunk, since
 * the bundler would put what two chunks need into both.
 */
export { cleanRuns, cleanUnrecorded, removeBuildCaches, unknownOfPack } from '../cleanup/index.js';
export { removers } from '../environment/index.js';
export { cleanUpRun } from './clean-up-run.js';
export { reportEmulation } from './emulation-report.js';
export { judgeBuilders } from './judge-plan.js';
export { reportParity } from './parity-report.js';
export { planAndRun } from './plan-and-run.js';
export { resolvedBases } from './resolved-bases.js';
