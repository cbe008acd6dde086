export { runsInContainer } from './in-container.js';
export type { ArgumentText, GrantRequest, MountSource, TestEntry } from './kind.js';
export { readTest, testKeys } from './read.js';
export { isStart, startTest } from './start.js';
