export { isSurelyAbsent, whyAbsent } from './absent-path.js';
export { globalArguments, isPinned, resolve } from './arguments.js';
export { SET_BY_BUILDKIT } from './automatic.js';
export { isNamedContext } from './contexts.js';
export { syntaxOf } from './directives.js';
export { readFrom, takenIn } from './from.js';
export { type IgnoreList, type IgnoreRules, readIgnore, readRules } from './ignored.js';
export { changedBuildPlatform, imageStages, stagesFrom, withNativeStages } from './native.js';
export { parseDockerfile } from './parse.js';
export {
  declaredArguments,
  type HiddenValue,
  hiddenValues,
  platformArguments,
} from './platform-arguments.js';
export { secretMounts } from './secret-mounts.js';
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
export { type UndeclaredArgument, undeclaredArguments } from './undeclared.js';
