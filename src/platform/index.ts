export { nearest } from './nearest.js';
export {
  formatPlatform,
  knownPlatforms,
  normalisePlatform,
  type Platform,
  parsePlatform,
  samePlatform,
} from './platform.js';
