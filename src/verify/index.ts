export { type RepositoryRead, type RepositoryToRead, type VerifyJob, verify } from './verify.js';
