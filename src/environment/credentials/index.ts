export { type Answers, askRegistries } from './ask.js';
export { registryFacts, registryFindings } from './judge.js';
export { type Need, needsOf } from './needs.js';
export { layOver } from './overlay.js';
