export { checkBuilderOptions } from './check-options.js';
export { findBuilder } from './find.js';
export type { Builder } from './list.js';
export type { BuilderInUse } from './nodes.js';
export { makeBuilder, placed, type UsedBuilder, usedBuilder } from './obtain.js';
export { type BuilderOptions, DEFAULT_BUILDER } from './options.js';
export { removeBuilder } from './remove.js';
export {
  type Buildx,
  type BuildxOptions,
  byItself,
  provideBuildx,
} from './tools/provide-buildx.js';
