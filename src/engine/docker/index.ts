export { BUILDX_PLUGIN, docker, failure, runPrivileged } from './client.js';
export { atEndpoint, contextHost, dockerContexts, lostContexts, USUAL_HOST } from './contexts.js';
export { type Description, describeEngine, type RunCommand } from './description.js';
export { dockerEngine } from './engine.js';
export {
  dockerHousekeeping,
  dockerSightings,
  type Housekeeping,
  type Sightings,
} from './housekeeping.js';
export {
  type BuildNetwork,
  type BuildNetworks,
  dockerNetworks,
  PACK_IMAGES,
  PACK_VOLUMES,
  removeBuildNetwork,
} from './networks.js';
