export {
  type BuildEntry,
  type BuildpackEntry,
  buildInputs,
  buildOptions,
  buildShape,
  type DockerfileEntry,
  isBuildVariable,
  mapPerPlatform,
  perPlatformKeys,
  perPlatformTables,
  readBuild,
  writeBuild,
} from './build/index.js';
export type { InputType } from './input-type.js';
export type { Lookup, ReadContext, RefusedVariable } from './read-context.js';
export {
  type ArgumentText,
  firstWordProblems,
  type GrantRequest,
  isStart,
  programTexts,
  readTest,
  runsInContainer,
  startTest,
  type TestEntry,
  TIMEOUT,
  testKeys,
} from './test/index.js';
