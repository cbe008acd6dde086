import { createVocabulary } from '../document/index.js';
import { configuration } from './keys.js';
import { inputPlaces } from './request/inline.js';
import { inputs } from './request/inputs.js';
import { refusedInputs } from './request/refused-inputs.js';

const NO_KEY = 'is not a key of this file';

/** The answer to the name of an input, which docker's actions have, too, or of one that only they have. */
function answer(name: string, [outermost]: readonly string[]): string | undefined {
  const isOfImage = outermost === 'images';
  const input = inputs.find((one) => one.action && one.name === name && !(isOfImage && one.tool));
  if (input !== undefined) {
    const option = input.flag === undefined ? '' : `, or as the option --${input.flag.name}`;
    return `${NO_KEY}; give it in the workflow as the action's input "${name}"${option}`;
  }
  const refused = refusedInputs.find((one) => one.name === name);
  return refused && `${NO_KEY}, nor an input of the action: ${refused.answer}`;
}

/** Names of docker's bake files for keys of a build. */
const BAKE: ReadonlyMap<string, readonly string[]> = new Map([
  ['contexts', ['build', 'additional_contexts']],
]);

const aliases = new Map(
  [...inputPlaces, ...BAKE].map(([name, path]) => [name, ['images', ...path]] as const),
);

/** What sea-trial.yml may hold, and what is said of the names that docker's actions have for it. */
export const vocabulary = createVocabulary(configuration, aliases, answer);
