export { firstWordProblems } from './first-word.js';
export { runsInContainer } from './in-container.js';
export {
  type ArgumentText,
  type GrantRequest,
  type MountSource,
  type TestEntry,
  TIMEOUT,
} from './kind.js';
export { programTexts } from './program-texts.js';
export { readTest, testKeys } from './read.js';
export { isStart, startTest } from './start.js';
