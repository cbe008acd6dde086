export { testFinding } from './findings.js';
export { keptNames } from './kept.js';
export { createLoadedNames, type LoadedNames } from './loaded-names.js';
export type { TestOrder, TestTools } from './order.js';
export { runTests } from './run-tests.js';
