export type { BuiltPlatform } from './compared.js';
export type { Inspected } from './inspected.js';
export { CHECKS, check } from './list.js';
export { sourcesOf } from './origin.js';
export { judgeLoss, type PublishedTag, type TagNow } from './platform-lost.js';
export type { ServedRepository, ServedTag } from './served-repository.js';
export { judgeExisting } from './tag-exists.js';
