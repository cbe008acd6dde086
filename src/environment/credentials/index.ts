export { type Answers, askRegistries } from './ask.js';
export { registryFacts, registryFindings } from './judge.js';
export { layOver } from './overlay.js';
