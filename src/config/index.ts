export { type FromInputs, fromInputs, secretTexts } from './action.js';
export {
  type Asked,
  type EmulationAction,
  type EmulationRequest,
  parseArguments,
} from './arguments.js';
export { passwordsOf } from './builder.js';
export { commands, optionsOf } from './commands.js';
export type {
  BuildConfig,
  BuilderRequest,
  BuildxRequest,
  Config,
  ImageConfig,
  LoginRequest,
  MountConfig,
  NodeRequest,
  Request,
  Said,
  SecretConfig,
  SecretSource,
  TargetConfig,
  TestConfig,
} from './config.js';
export {
  type CommandName,
  type Flag,
  grants,
  type Input,
  type InputType,
  inputs,
  type Output,
  outputs,
  refusedInputs,
} from './inputs.js';
export { configuration } from './keys.js';
export { loadConfig } from './load.js';
export { renderProblems } from './problems.js';
export type { At } from './raw.js';
export type { Key, Keys, Shape } from './shape.js';
export type { Start } from './surroundings.js';
