export {
  type ImageToPublish,
  type Published,
  type PublishJob,
  type PublishTarget,
  publish,
} from './publish.js';
export type { Limit } from './shared-uploads.js';
