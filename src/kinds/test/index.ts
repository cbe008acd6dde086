export type { ArgumentText, GrantRequest, MountSource, TestEntry } from './kind.js';
export { readTest, testKeys } from './read.js';
export { startTest } from './start.js';
