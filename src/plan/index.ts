export type { Base } from './bases.js';
export { isPlainDockerfile } from './build-stage.js';
export { checkoutOf, outsideOf } from './checkout.js';
export { describedImages } from './described-images.js';
export { makePlan, type Planned, type Planning } from './plan.js';
