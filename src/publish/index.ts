export type { ImageToPublish, Published, PublishJob, PublishTarget } from './job.js';
export { publish } from './publish.js';
