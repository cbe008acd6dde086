export type { Base } from './bases.js';
export { isPlainDockerfile } from './build-stage.js';
export { checkoutOf, outsideOf } from './checkout.js';
export { describedImages } from './described-images.js';
export { makePlan } from './plan.js';
export type { Planned, Planning } from './planned.js';
