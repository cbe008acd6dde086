export { type ClientSetup, createRegistryClient, type RegistryClient } from './client.js';
export { type Course, everyOne, openCourse, orStop } from './course.js';
export {
  anonymous,
  type Credential,
  CredentialError,
  type Credentials,
  dockerCredentials,
} from './credentials.js';
export { type EmbeddedRegistry, startEmbeddedRegistry } from './embedded/server.js';
export { isNobodyThere, RegistryError, type RegistryErrorCode } from './errors.js';
export { DOCKER_HUB, HUB_API, loginKey } from './hub.js';
export { isInsecure } from './insecure.js';
export { type LagClock, LONGEST_LAG } from './lag-clock.js';
export { hostIn, type Login, registryOf, withLogins } from './logins.js';
export type { PushAnswer } from './probe.js';
export { readServed, type ServedDocument, type ServedEntry } from './read-served.js';
export {
  baseUrl,
  formatReference,
  isTag,
  onLoopback,
  parseReference,
  type Reference,
  redirectReference,
} from './reference.js';
export type { ManifestHint, Reading, Repository, ServedManifest } from './repository.js';
export { readPlatforms, type ServedPlatforms } from './served-platforms.js';
export { type RegistryTarget, repositoryOf } from './target.js';
export { explain, explainApart, reasonIn, registryFailed, said } from './words.js';
