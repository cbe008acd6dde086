/*
 * What the plan reads of applications that are built with buildpacks, and of their locks. It is
 * loaded where there are any: what reads TOML, versions and locks takes a third of the time in
 * which the command line starts.
 */
export { applicationProblems } from './application.js';
export { withDescriptors } from './descriptors.js';
export { readLocks } from './locks.js';
export { missingProcesses } from './procfile.js';
