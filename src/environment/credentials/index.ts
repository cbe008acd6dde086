export { type Answers, askRegistries, type Refused } from './ask.js';
export { registryFacts, registryFindings } from './judge.js';
export { type Need, type NeededImage, needsOf } from './needs.js';
export { layOver } from './overlay.js';
