export type { Base } from './bases.js';
export { makePlan, type Planned, type Planning } from './plan.js';
