export { build } from './build.js';
export { type PinnedBase, resolveBases } from './dockerfile/bases.js';
export type { BuildOrder } from './dockerfile/command.js';
export { linkContexts } from './dockerfile/contexts.js';
export { movedBases } from './dockerfile/materials.js';
export type { BuildTools, BuiltImage } from './kind.js';
