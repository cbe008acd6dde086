export { type PinnedBase, resolveBases } from './bases.js';
export { type BuildTools, type BuiltImage, build } from './build.js';
export type { BuildOrder } from './command.js';
export { linkContexts } from './contexts.js';
export { movedBases } from './materials.js';
