export {
  type ImageToVerify,
  type Verified,
  type VerifyJob,
  type VerifyTarget,
  verify,
} from './verify.js';
