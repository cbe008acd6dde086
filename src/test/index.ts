export { testFinding } from './findings.js';
export { keptNames } from './kept.js';
export { createLoadedNames, type LoadedNames } from './loaded-names.js';
export { runTests as tryImage, type TestOrder, type TestTools } from './run-tests.js';
export { killedBy } from './signals.js';
