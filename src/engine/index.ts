export { type BackgroundTasks, createBackgroundTasks } from './background-tasks.js';
export { BUILDX_PLUGIN, failure, runPrivileged } from './client.js';
export { atEndpoint, dockerContexts, lostContexts } from './contexts.js';
export { type Description, describeEngine, type RunCommand } from './description.js';
export { createDiskBudget, type DiskBudget } from './disk-budget.js';
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
export {
  dockerHousekeeping,
  dockerSightings,
  type Housekeeping,
  type Sightings,
} from './housekeeping.js';
export { layersRefused } from './layers.js';
export type { LoadRecord } from './load-records.js';
export {
  createLoadedImages,
  engineFinding,
  type LoadedImage,
  type LoadedImages,
  loadedFinding,
} from './loaded-images.js';
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
export { createMarker, loopbackShared, type Marker, type Shared } from './shared-host.js';
export { type Death, type Watched, watchContainer } from './watch.js';
