export {
  architectureOfNode,
  architectureOfUname,
  architectures,
  type ElfMachine,
  handlerName,
  unameOf,
} from './architectures.js';
export { emulatorFault } from './emulator-fault.js';
export { architectureOf, isNative } from './native.js';
export { nearest } from './nearest.js';
export {
  formatPlatform,
  knownPlatforms,
  normalisePlatform,
  parsePlatform,
  platformOfNode,
  samePlatform,
} from './platform.js';
export { describeSignal, signalIn, signalName } from './signals.js';
