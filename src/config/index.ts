export type { Key, KeyTable, Shape } from '../document/index.js';
export type { Config, ImageEntry } from './config.js';
export { configuration } from './keys.js';
export { loadConfig } from './load.js';
export { problemsHeading, renderProblems } from './problems.js';
export { fromInputs, secretTexts } from './request/action.js';
export { type EmulationRequest, parseArguments } from './request/arguments.js';
export { passwordsOf } from './request/builder.js';
export { commands, optionsOf } from './request/commands.js';
export {
  type CommandName,
  type Flag,
  grants,
  type Input,
  inputs,
  outputs,
  refusedInputs,
} from './request/inputs.js';
export type { ParsedRequest, Request, SecretSource } from './request/request.js';
export { maskSecretValue, trialOptions } from './request/trial-options.js';
export {
  type CheckoutFacts,
  decideTrust,
  factsNeeded,
  statedTrust,
  type Trust,
  type TrustFacts,
  trustSentence,
} from './trust/trust.js';
