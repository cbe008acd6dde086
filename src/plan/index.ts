export { type Base, bases, frontend } from './bases.js';
export { type LookAlike, type LookAlikes, lookAlikes } from './look-alikes.js';
export { makePlan, type Planned, type Planning } from './plan.js';
