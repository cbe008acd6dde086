export { type BackgroundTasks, createBackgroundTasks } from './background-tasks.js';
export {
  type BuildCache,
  CACHE_VOLUMES,
  cacheLabels,
  cacheVolume,
  isCacheVolume,
} from './build-cache.js';
export { createDiskBudget, type DiskBudget, type Reservation } from './disk-budget.js';
export {
  atEndpoint,
  BUILDX_PLUGIN,
  type BuildNetwork,
  type BuildNetworks,
  contextHost,
  type Description,
  describeEngine,
  dockerContexts,
  dockerEngine,
  dockerHousekeeping,
  dockerNetworks,
  dockerSightings,
  failure,
  type Housekeeping,
  lostContexts,
  PACK_IMAGES,
  PACK_VOLUMES,
  type RunCommand,
  removeBuildNetwork,
  runPrivileged,
  type Sightings,
  USUAL_HOST,
} from './docker/index.js';
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
