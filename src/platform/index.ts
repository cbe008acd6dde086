export { emulatorFault } from './emulator.js';
export { architectureOf, isNative } from './native.js';
export { nearest } from './nearest.js';
export {
  formatPlatform,
  knownPlatforms,
  normalisePlatform,
  parsePlatform,
  samePlatform,
} from './platform.js';
