export { globalArguments, isPinned, resolve } from './arguments.js';
export { type IgnoreLine, type IgnoreList, ignoredBy, isCertain, readIgnore } from './ignored.js';
export { startingImages, withNativeStages } from './native.js';
export { parseDockerfile } from './parse.js';
export {
  declaredArguments,
  type HiddenValue,
  hiddenValues,
  platformArguments,
} from './platform-arguments.js';
export {
  type Building,
  builtChain,
  builtFrom,
  neededStages,
  type Stage,
  type StageStep,
  stagesBehind,
  stagesOf,
} from './stages.js';
