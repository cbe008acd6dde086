import type { Input } from '../../src/config/index.js';
import { cell, code, generated, table } from './markdown.ts';
import { commands, config } from './sources.ts';

/** What an input is, in words; of the one that holds several, what divides them. */
export const HOW: Readonly<Record<Input['type'], string>> = {
  text: 'text',
  boolean: 'true or false',
  number: 'number',
  list: 'list: commas or lines',
  lines: 'list: lines',
  'key-values': 'lines of NAME=value',
};

const ofAction = config.inputs.filter(({ action }) => action);

function actionRows(inputs: readonly Input[]): string {
  return table(
    ['input', 'is', 'what it does', 'default'],
    inputs.map(({ name, type, description, default: value }) => [
      code(name),
      HOW[type],
      cell(description),
      value === undefined ? '' : code(value),
    ]),
  );
}

/** Inputs of one image, each with the key that says the same in a file. */
function imageRows(): string {
  return table(
    ['input', 'is', 'what it does', 'key under `images`'],
    ofAction
      .filter(({ image }) => image)
      .map(({ name, type, description }) => [
        code(name),
        HOW[type],
        cell(description),
        code((config.inputPlaces.get(name) ?? []).join('.')),
      ]),
  );
}

export function outputRows(): string {
  return table(
    ['output', 'what it holds'],
    config.outputs.map(({ name, description }) => [code(name), cell(description)]),
  );
}

/** The two tables of the README. */
export function inputRows(): string {
  return actionRows(ofAction);
}

function optionRows(options: readonly string[]): string {
  return table(
    ['option', 'what it does'],
    config.optionsOf(options).map(({ flag, description }) => {
      const again = flag.repeatable ? ' May be given several times.' : '';
      return [code(config.flagText(flag)), cell(`${description}${again}`)];
    }),
  );
}

/** docs/reference/inputs.md */
export function inputsPage(): string {
  return `${[
    generated('src/config/request/inputs.ts'),
    '# Inputs, outputs and options',
    '## Inputs of the action',
    'They have the names of docker/build-push-action, docker/setup-buildx-action and docker/setup-qemu-action where they mean the same. Two differences: the context is the checkout, not Git, unless `context` says otherwise; and `platforms` always means those of the image (what a further node of a builder is for stands in `append`).',
    'Those in this table describe one image. A configuration with `images` excludes them; anything else in `sea-trial.yml` (variables, `checks`, `publish`) goes with both. The last column is the [key](configuration.md) that says the same of one of several images.',
    imageRows(),
    'These go with both:',
    actionRows(ofAction.filter(({ image }) => !image)),
    '## Inputs that are refused',
    'Inputs of those actions that have no meaning here end with an error in words:',
    table(
      ['input', 'instead'],
      config.refusedInputs.flatMap(({ name, answer, about = [] }) => [
        [code(name), cell(answer)],
        ...about.map((one) => [`${code(name)}: ${one.value}`, cell(one.answer)]),
      ]),
    ),
    '## Outputs of the action',
    outputRows(),
    ...commands.flatMap(({ name, summary, options }) => [
      `## sea-trial ${name}`,
      summary,
      optionRows(options),
    ]),
    '## Grants',
    'What a configuration may ask for, and only the input `grants` or the option `--grant` gives:',
    table(
      ['grant', 'allows'],
      [...config.grants].map(([name, what]) => [code(name), cell(what)]),
    ),
  ].join('\n\n')}\n`;
}
