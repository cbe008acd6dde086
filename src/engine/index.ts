export { csvField } from './csv.js';
export { dockerEngine } from './docker.js';
export type {
  Attached,
  ContainerSpec,
  ContainerState,
  Engine,
  EngineFacts,
  InsecureRegistries,
} from './engine.js';
export { EngineError } from './errors.js';
export { isRunName, runName, runNames } from './run-name.js';
export { type Watched, watchContainer } from './watch.js';
