export { type Answers, askRegistries } from './ask.js';
export { layOver } from './docker-config.js';
export { registryFacts, registryFindings } from './judge.js';
export { loopbackFindings } from './loopback.js';
export { type Need, needsOf } from './needs.js';
