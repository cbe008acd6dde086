import type { Input } from '../../src/config/index.js';
import { HOW } from './inputs.ts';
import { config } from './sources.ts';

/** A scalar of YAML that reads back as the text it was made of. */
function scalar(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const SEVERAL: readonly Input['type'][] = ['list', 'lines', 'key-values'];

/** The description, with what divides the items where there may be several. */
function descriptionOf({ type, description }: Input): string {
  if (!SEVERAL.includes(type)) return description;
  const how = HOW[type];
  return `${description} ${how.charAt(0).toUpperCase()}${how.slice(1)}.`;
}

/** action.yml */
export function actionYml(): string {
  const inputs = config.inputs
    .filter(({ action }) => action)
    .flatMap((input) => [
      `  ${input.name}:`,
      `    description: ${scalar(descriptionOf(input))}`,
      '    required: false',
      ...(input.default === undefined ? [] : [`    default: ${scalar(input.default)}`]),
    ]);
  const outputs = config.outputs.flatMap(({ name, description }) => [
    `  ${name}:`,
    `    description: ${scalar(description)}`,
  ]);
  return `${[
    '# Generated from src/config/request/inputs.ts by "npm run docs"; edit that.',
    'name: Sea Trial',
    // The Marketplace takes fewer than 125 characters.
    'description: Builds container images for every platform, tests each from the inside, publishes what passed, and verifies it',
    'author: The Sea Trial authors',
    'branding:',
    '  icon: anchor',
    '  color: blue',
    'inputs:',
    ...inputs,
    'outputs:',
    ...outputs,
    'runs:',
    '  using: node24',
    '  main: dist/main.js',
    '  post: dist/post.js',
  ].join('\n')}\n`;
}
