export type { Base } from './bases.js';
export { isPlainDockerfile } from './build-stage.js';
export { checkoutOf, outsideOf } from './checkout.js';
export { makePlan, type Planned, type Planning } from './plan.js';
