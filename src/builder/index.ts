export { checkBuilderOptions } from './check-options.js';
export { type EarlyList, listEarly } from './early-list.js';
export { type BuilderNeeds, findBuildx, obtainBuilder } from './obtain.js';
export { hasRoad, proxiesFor } from './proxies.js';
export { removeKnownBuilder } from './remove.js';
export type { Buildx } from './tools/provide-buildx.js';
export { type Pack, type PackOptions, providePack } from './tools/provide-pack.js';
export type { UsedBuilder } from './used-builder.js';
