export { type Verified, type VerifyJob, verify } from './verify.js';
