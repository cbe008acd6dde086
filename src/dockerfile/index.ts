export { globalArguments, isPinned, resolve } from './arguments.js';
export {
  type Building,
  builtChain,
  copiedChain,
  type Stage,
  type StageStep,
  stagesOf,
} from './stages.js';
