export { wishProblems } from './check-options.js';
export { findBuilder } from './find.js';
export type { Builder } from './list.js';
export type { Placed } from './nodes.js';
export { type BuilderWish, NO_WISH } from './options.js';
export { removeBuilder } from './remove.js';
export { makeBuilder, placed, type UsedBuilder, usedBuilder } from './run-builder.js';
export { type Buildx, type BuildxWish, byItself, provideBuildx } from './tools/provide-buildx.js';
