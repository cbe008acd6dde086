export { addressParts } from './address.js';
export { ATTESTATION_ATTRIBUTES } from './attestation.js';
export { type Attributes, readAttributes, writeAttributes } from './attributes.js';
export {
  type BuildpackSource,
  isBuildpackName,
  packBuildpack,
  plannedBuildpack,
  readBuildpack,
  writeBuildpack,
} from './buildpack.js';
export { type Cache, isTrue, plannedCache, readCaches, writeCache } from './cache.js';
export { CACHE_ATTRIBUTES, cacheProblem } from './cache-attributes.js';
export { CHANNELS, type Channel } from './channel.js';
export { csvField, quotedField, type ReadResult, readFields } from './csv.js';
export { DIGEST, isDigest } from './digest.js';
export {
  DOCKER_HUB,
  HUB_API,
  hostIn,
  isHubAlias,
  loginKey,
  registryOf,
  servesHub,
} from './docker-hub.js';
export {
  familiarName,
  formatReference,
  isRegistryPrefix,
  isRepositoryName,
  isRepositoryPath,
  isTag,
  LONGEST_NAME,
  parseReference,
  type Reference,
  redirectReference,
  splitName,
  splitReference,
  wholeName,
} from './image-reference.js';
export { readLayout } from './layout.js';
export { isLoopback, onLoopback } from './loopback.js';
export { type DriverOption, readOption, writeOption } from './option.js';
export { readSecret, SECRET_ATTRIBUTES, type Secret, writeSecret } from './secret.js';
export { isSecretName, mayBeSecretName } from './secret-name.js';
export { readSsh, type Ssh, writeSsh } from './ssh.js';
export { isOlder, OLDEST_BUILDX, OLDEST_PACK } from './tool-versions.js';
export { plannedVolume, readVolume, type Volume, writeVolume } from './volume.js';
