export type { ImageToPublish, PublishJob } from './job.js';
export { publish } from './publish.js';
