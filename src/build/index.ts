export { type BuildOrder, build, isDockerfileOrder } from './build.js';
export type { PackTools } from './buildpack/order.js';
export { type PinnedBase, resolveBases } from './dockerfile/bases.js';
export type { KnownCaches } from './dockerfile/cache.js';
export type { DockerfileOrder } from './dockerfile/command.js';
export { linkContexts } from './dockerfile/contexts.js';
export { movedBases } from './dockerfile/materials.js';
export { writeNativeDockerfiles } from './dockerfile/native.js';
export type { BuildResult, BuildTools, BuiltImage, PlatformOrder } from './kind.js';
