export { type Aside, createAside } from './aside.js';
export { testFinding } from './findings.js';
export { createHold, engineFinding, type Held, type Hold, loadedFinding } from './hold.js';
export { keptNames } from './kept.js';
export { createLoadedNames, type LoadedNames } from './loaded-names.js';
export { killedBy } from './signals.js';
export { createSpace, type Space } from './space.js';
export { type TestOrder, type TestTools, tryImage } from './try-image.js';
