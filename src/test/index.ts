export { type Aside, createAside } from './aside.js';
export { createHold, engineFinding, type Held, type Hold, loadedFinding } from './hold.js';
export { keptNames } from './kept.js';
export { createSpace, type Space } from './space.js';
export { type TestOrder, type TestTools, tryImage } from './try-image.js';
