export type { Key, KeyTable, Shape } from '../document/index.js';
export type { BuildpackImageEntry, Config, DockerfileImageEntry, ImageEntry } from './config.js';
export { configuration } from './keys.js';
export { loadConfig } from './load.js';
export { PLACEHOLDERS } from './placeholders.js';
export { problemsHeading, renderProblems } from './problems.js';
export { fromInputs, secretTexts } from './request/action.js';
export {
  type CommandArguments,
  divideList,
  type OptionValues,
  requestFromArguments,
} from './request/arguments.js';
export { passwordsOf } from './request/builder.js';
export { inputPlaces } from './request/inline.js';
export { type Flag, flagText, type Input } from './request/input.js';
export {
  grants,
  inputs,
  optionsOf,
  outputs,
} from './request/inputs.js';
export type { Reading } from './request/parse.js';
export { refusedInputs } from './request/refused-inputs.js';
export type { ParsedRequest, Request, SecretSource } from './request/request.js';
export type { StartContext } from './request/start.js';
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
