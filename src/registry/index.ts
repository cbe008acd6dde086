export { baseUrl } from './base-url.js';
export { type ClientSetup, createRegistryClient, type RegistryClient } from './client.js';
export {
  anonymous,
  type Credential,
  CredentialError,
  type Credentials,
  dockerCredentials,
} from './credentials.js';
export { type EmbeddedRegistry, startEmbeddedRegistry } from './embedded/server.js';
export { hasNoConnection, RegistryError, type RegistryErrorCode } from './errors.js';
export {
  answerDetails,
  explain,
  explainWithRemedy,
  namesRule,
  reasonOf,
  registryFailed,
  waitedFor,
} from './explain.js';
export { isInsecure, isPrivateAddress } from './insecure.js';
export { type LagClock, LONGEST_LAG } from './lag-clock.js';
export { type Login, withLogins } from './logins.js';
export type { PushAnswer } from './probe.js';
export { readServed, type ServedDocument, type ServedEntry } from './read-served.js';
export type { ManifestHint, ReadOptions, Repository, ServedManifest } from './repository.js';
export { openRequestGroup, type RequestGroup, settleAll, stopOnFailure } from './request-group.js';
export { readPlatforms, type ServedPlatforms } from './served-platforms.js';
export { type RegistryTarget, repositoryOf } from './target.js';
