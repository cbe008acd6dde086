export { dockerEngine } from './docker.js';
export type {
  Attached,
  ContainerSpec,
  ContainerState,
  Engine,
  EngineFacts,
  InsecureRegistries,
} from './engine.js';
export { EngineError } from './errors.js';
export { layersRefused } from './layers.js';
export type { LoadRecord } from './load-records.js';
export { createRunId, isRunId, RUN_ID } from './run-id.js';
export {
  containerNames,
  containerOptions,
  containerRun,
  imageRun,
  isRunName,
  RUN_LABEL,
  runName,
  runNames,
} from './run-name.js';
export { type Death, type Watched, watchContainer } from './watch.js';
