export { type Answers, checkRegistries } from './ask.js';
export { dockerProxies, writeDockerConfig } from './docker-config.js';
export { refusedCaches, registryFacts, registryFindings } from './judge.js';
export { loopbackFindings, pushedTo } from './loopback.js';
export { needsOf, type RegistryNeed } from './needs.js';
