export { type Base, bases } from './bases.js';
export { type LookAlike, type LookAlikes, lookAlikes } from './look-alikes.js';
export { makePlan, type Planned, type Planning } from './plan.js';
