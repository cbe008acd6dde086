// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CORE_SCHEMA, load as loadYaml, mergeTag } from 'js-yaml';
import { load } from '../config/memory.js';

/* The schema for editors against the program's own reader of sea-trial.yml. */

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false });
const fits = ajv.compile(JSON.parse(read('docs/reference/sea-trial.schema.json')));

/** What an editor sees: YAML 1.2 with merge keys. */
function judged(text: string): readonly string[] {
  fits(loadYaml(text, { schema: CORE_SCHEMA.withTags(mergeTag) }));
  return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const image = (...lines: string[]) =>
  ['images:', '  - name: ghcr.io/acme/a', ...lines.map((line) => `    ${line}`)].join('\n');

test.each(readdirSync(join(root, 'examples')))('the example %s fits', (name) => {
  expect(judged(read(`examples/${name}/sea-trial.yml`))).toEqual([]);
});

/** Blocks of YAML that are configurations or their images' parts; a piece is made whole. */
function blocks(page: string): readonly string[] {
  return [...read(page).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)]
    .map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
    .filter((block) => !/\b(uses|jobs):/.test(block) && /^\w/m.test(block))
    .map((block) =>
      /^(build|tests):/.test(block) ? image(...block.trimEnd().split('\n')) : block,
    );
}

describe.each(['README.md', 'docs/guide.md'])('every block of %s fits', (page) => {
  test.each(blocks(page))('%#', (block) => {
    expect(judged(block)).toEqual([]);
  });
});

test.each([
  image(),
  image('tags: 1.10'),
  image('tags: [1.10, true, "${TAG}"]'),
  image('platforms: linux/arm64'),
  image('platforms: ["${PLATFORM}"]'),
  image('build: .'),
  image('build: { buildpack: heroku/builder:24 }'),
  image('build: { buildpack: "${BUILDER}" }'),
  image('build: { buildpack: { builder: x, env: [A=1], buildpacks: heroku/python } }'),
  image(
    'build: { buildpack: { builder: x, bindings: { db: { type: a, uri: s } } }, secrets: [s] }',
  ),
  image('build: { args: { A: 1, B: true, C: } }'),
  image('build: { args: [A=1, B] }'),
  image('build: { no_cache: "${NO_CACHE}", pull: TRUE }'),
  image('build: { secrets: [token, { id: key, env: KEY }], ulimits: { nofile: 1024 } }'),
  image('tests: greeter --version'),
  image('tests: [[/greeter, 1], { run: x, exit-code: 2, timeout: 1h30m }]'),
  image('tests: [{ run: x, exit-code: "${CODE}" }]'),
  image('tests: [{ run: x, exit-code: "2" }]'),
  image("build: { no_cache: 'true' }"),
  image('foreign: [{ path: opt/**, reason: a }]'),
  image('tests:'),
  `${image()}\nx-mine: { a: 1 }`,
  `x-a: &a { tags: [x] }\nimages:\n  - { <<: *a, name: a/b }`,
  `checks: { started-only: 'off' }\n${image()}`,
])('what the program reads fits: %s', async (text) => {
  const { problems } = await load(text);
  expect(problems.filter(({ message }) => !/not set|variable/.test(message))).toEqual([]);
  expect(judged(text)).toEqual([]);
});

test('a part of a Dockerfile’s name fits', () => {
  expect(judged(image('tags: "{version}"', 'build: { dockerfile: "b_{version}.x" }'))).toEqual([]);
});

const WRONG: readonly string[] = [
  '- a',
  'images: x',
  'images: []',
  'images: [x]',
  'imagse: []',
  image('platfroms: [linux/amd64]'),
  image('platforms: []'),
  image('platforms: [linux arm64]'),
  image('platforms: { a: b }'),
  image('tags: [a/b]'),
  image('tags: [.a]'),
  image('id: a b'),
  'images: [{ name: "https://ghcr.io/a/b" }]',
  'images: [{ targets: [] }]',
  'images: [{ targets: [{ tags: [a] }] }]',
  image('image: b'),
  image('labels: { a: b }'),
  image('build: [a]'),
  image('build: { buildpack: { run-image: x } }'),
  image('build: { buildpack: { builder: "a b" } }'),
  image('build: { buildpack: [x] }'),
  image('build: { buildpack: { builder: x, flow: kaniko } }'),
  image('build: { buildpack: { builder: x, creation-time: yesterday } }'),
  image('build: { buildpack: { builder: x, process: a/b } }'),
  image('build: { buildpack: { builder: x, bindings: { db: postgres } } }'),
  image('build: { no_cache: maybe }'),
  image('build: { network: bridge }'),
  image('build: { args: ["=a"] }'),
  image('build: { args: { a: [b] } }'),
  image('build: { dockerfile: [a] }'),
  image('build: { privileged: true }'),
  image('build: { ulimits: { nofile: { hard: 1 } } }'),
  image('expect: { go-mian: a }'),
  image('tests: [{ name: a }]'),
  image('tests: [{ run: a, exit-code: 256 }]'),
  image('tests: [{ run: a, exit-code: -1 }]'),
  image('tests: [{ run: a, timeout: 5 minutes }]'),
  image('tests: [{ run: a, on: moon }]'),
  image('tests: [{ run: [] }]'),
  `publish: later\n${image()}`,
  `checks: { started-onyl: error }\n${image()}`,
  `checks: { started-only: fatal }\n${image()}`,
];

test.each(WRONG)('what the program refuses does not fit: %s', async (text) => {
  const { problems } = await load(text);
  expect(problems.length).toBeGreaterThan(0);
  expect(judged(text)).not.toEqual([]);
});
