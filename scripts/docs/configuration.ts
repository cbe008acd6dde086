import type { Key, KeyTable, Shape } from '../../src/config/index.js';
import { cell, code, generated, table } from './markdown.ts';
import { config, kinds, parity } from './sources.ts';

type Known = Extract<Key, { readonly shape: Shape }>;

interface Section {
  readonly path: string;
  readonly keys: KeyTable;
}

function words(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.format === undefined || shape.format === 'filled' ? 'text' : shape.format;
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `number, ${shape.least} to ${shape.most}`;
    case 'choice':
      return shape.of.map(code).join(', ');
    case 'list':
      return `list of ${words(shape.of)}${shape.single ? ', or one' : ''}`;
    case 'table':
      return `NAME: ${words(shape.of)}${shape.list ? ', or a list of NAME=value' : ''}`;
    case 'map':
      return shape.short === undefined ? 'keys' : `keys, or ${code(shape.short)} alone`;
  }
}

/** The map with keys that a shape is or holds. */
function inside(shape: Shape): Extract<Shape, { kind: 'map' }> | undefined {
  if (shape.kind === 'map') return shape;
  return shape.kind === 'list' || shape.kind === 'table' ? inside(shape.of) : undefined;
}

/** `images[]`, `ulimits.NAME` or `build`: how one writes the path to what a key holds. */
function step(name: string, { kind }: Shape): string {
  if (kind === 'list') return `${name}[]`;
  return kind === 'table' ? `${name}.NAME` : name;
}

function known(keys: KeyTable): readonly (readonly [string, Known])[] {
  return Object.entries(keys).flatMap(([name, key]) =>
    'refused' in key ? [] : [[name, key] as const],
  );
}

function sections(path: string, keys: KeyTable): readonly Section[] {
  return [
    { path, keys },
    ...known(keys).flatMap(([name, { shape }]) => {
      const deeper = inside(shape);
      const here = path === '' ? step(name, shape) : `${path}.${step(name, shape)}`;
      return deeper === undefined ? [] : sections(here, deeper.keys);
    }),
  ];
}

function neededWords(unless: string | undefined): string {
  return unless === undefined ? ' **Needed.**' : ` **Needed**, unless ${code(unless)} is there.`;
}

function section({ path, keys }: Section): string {
  const refused = Object.entries(keys).flatMap(([name, key]) =>
    'refused' in key ? [[code(name), cell(key.refused)]] : [],
  );
  return [
    path === '' ? '## The file' : `## ${code(path)}`,
    table(
      ['key', 'is', 'what it does'],
      known(keys).map(([name, { shape, description, required, unless }]) => [
        code(name),
        words(shape),
        `${cell(description)}${required ? neededWords(unless) : ''}`,
      ]),
    ),
    ...(refused.length === 0 ? [] : ['Refused, in words:', table(['key', 'answer'], refused)]),
  ].join('\n\n');
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: the variables of sea-trial.yml.
const FORMS = '`${NAME}`, `${NAME:-default}`, `${NAME:?message}`';

/** The keys whose texts may hold placeholders, as they stand under `build`. */
function placeholderWords(): string {
  const names = Object.entries(config.PLACEHOLDERS).map(
    ([name, value]) => `${code(`{${name}}`)} (${value === '' ? 'nothing' : value})`,
  );
  const keys = kinds.perPlatformKeys.map((key) => code(key === 'env' ? 'buildpack.env' : key));
  return `Placeholders stand for the platform that is built and tested; here with their values for linux/arm/v7: ${names.join(', ')}. \`{variant}\` is nothing where the platform has none. They are replaced in the texts and names of ${keys.join(', ')} under \`build\` and of everything in \`tests\` but \`platforms\`, and in the inputs that say the same. \`\${arch}\` and \`{{arch}}\` stay as they are, and so does the value that a build argument without one takes from a variable.`;
}

const EDITORS = `## In an editor

Editors that know the YAML language server complete and check the file with [sea-trial.schema.json](sea-trial.schema.json):

\`\`\`yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/OWNER/sea-trial/v1/docs/reference/sea-trial.schema.json
\`\`\`

A schema cannot say everything. Only \`sea-trial plan\` finds:

- variables that are not set, and what is wrong with their values; a key that is written twice
- platforms and repositories that look right and are not: \`linux/arm65\`, \`windows/amd64\`, capitals in a host's place, a host without a repository
- patterns that are not Go's syntax, globs that would fit everything, numbers in quotes that are too large
- two images with one \`id\`, two tests with one \`name\` on one platform, a name in braces that is nearly a placeholder, two build arguments that placeholders give one name, a test for a platform that its image does not have, a tag that two images move
- an image with both \`name\` and \`targets\`, or with neither
- what is secret and would be recorded: values of the environment, addresses, cache attributes
- attributes of caches and secrets, entitlements, and what needs a grant
- files and folders that are not there`;

/** docs/reference/configuration.md */
export function configurationPage(): string {
  const root = config.configuration;
  if (root.kind !== 'map') throw new Error('the configuration is not a map');
  return `${[
    generated('src/config/keys.ts'),
    '# sea-trial.yml',
    'Keys under `build` are those of the Compose specification, so that a build section can be copied. Keys of our own are in kebab-case. Paths are relative to the file. Scalars keep their text: `1.10` stays `1.10`.',
    `Every text may hold variables: ${FORMS}; \`$$\` is a dollar sign. They come from \`--set\`, then the environment, then \`vars\`. In a pull request only the runner's own harmless variables are read from the environment.`,
    placeholderWords(),
    ...sections('', root.keys).map(section),
    EDITORS,
  ].join('\n\n')}\n`;
}

/** docs/reference/lock.md */
export function lockPage(): string {
  const root = parity.lockShape;
  if (root.kind !== 'map') throw new Error('the lock is not a map');
  return `${[
    generated('src/parity/keys.ts'),
    '# sea-trial.lock',
    'The lock stands beside sea-trial.yml. `sea-trial parity` writes it; the guide says [how it is used](../guide.md#parity-with-the-deployment). A build takes the builder and the run image by the digests of `pins`.',
    ...sections('', root.keys).map(section),
    `## In an editor

Editors that know the YAML language server complete and check the file with [sea-trial-lock.schema.json](sea-trial-lock.schema.json), if a line names it as for [sea-trial.yml](configuration.md#in-an-editor).`,
  ].join('\n\n')}\n`;
}
