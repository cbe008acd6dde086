export { archMismatch } from './arch-mismatch.js';
export { configPlatform } from './config-platform.js';
export { gitCredentials } from './git-credentials.js';
export { goMain } from './go-main.js';
export type { Inspected } from './inspected.js';
export { interpreterMissing } from './interpreter-missing.js';
export { layerUnread } from './layer-unread.js';
export { noProgram } from './no-program.js';
export { programMissing } from './program-missing.js';
export {
  judgeServed,
  judgeTag,
  type ServedFault,
  type ServedTag,
  type ServedTree,
  type Tried,
} from './served.js';
