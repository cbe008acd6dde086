export { createProgress, type ProgressKind } from './create.js';
export type { Progress } from './ports.js';
