export { type PinnedBase, resolveBases } from './dockerfile/bases.js';
export { type BuildTools, type BuiltImage, build } from './dockerfile/build.js';
export type { BuildOrder } from './dockerfile/command.js';
export { linkContexts } from './dockerfile/contexts.js';
export { movedBases } from './dockerfile/materials.js';
