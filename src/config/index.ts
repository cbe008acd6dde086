export { fromInputs, secretTexts } from './action.js';
export { type EmulationRequest, parseArguments } from './arguments.js';
export { passwordsOf } from './builder.js';
export { commands, optionsOf } from './commands.js';
export type { AskedRequest, Config, ImageConfig, Request, TestConfig } from './config.js';
export {
  type CommandName,
  type Flag,
  grants,
  type Input,
  inputs,
  outputs,
  refusedInputs,
} from './inputs.js';
export { configuration } from './keys.js';
export { loadConfig } from './load.js';
export { problemsHeading, renderProblems } from './problems.js';
export type { Key, Keys, Shape } from './shape.js';
export { discreet, trialOptions } from './trial-options.js';
export {
  type CheckoutFacts,
  decideTrust,
  neededFor,
  saidTrust,
  type Trust,
  type TrustFacts,
  trustSentence,
} from './trust.js';
