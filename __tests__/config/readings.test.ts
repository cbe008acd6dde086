// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { fromDockerfile } from '../plans.js';
import { lines, load, MODES, UNTRUSTED } from './memory.js';

/* What the keys of a file, and what is asked of a run, make together. */

test.each<['together' | 'per-image' | undefined, string, string]>([
  [undefined, '', 'together'],
  [undefined, 'publish: together', 'together'],
  [undefined, 'publish: per-image', 'per-image'],
  ['together', 'publish: per-image', 'together'],
  ['per-image', '', 'per-image'],
])(
  'where the run asks for %s and the file has "%s", tags wait %s',
  async (asked, text, publish) => {
    const more = asked === undefined ? {} : { publish: asked };
    expect((await load(`${text}\nimages: [{ name: a/b }]`, more)).publish).toBe(publish);
  },
);

test('a variable comes from the environment where that is what it has', async () => {
  const text =
    'vars: { A: file, B: file }\nimages: [{ name: a/b, build: { args: { X: "${A}${B}${C}", Y: "${D:-}" } } }]';
  const env = { A: 'env', C: 'env', E: 'env' };
  const from = async (...more: readonly unknown[]) => {
    const config = await load(text, ...(more as []));
    return [...config.fromEnvironment];
  };
  expect(await from({}, env)).toStrictEqual([
    ['A', 'env'],
    ['C', 'env'],
  ]);
  expect(await from({ set: new Map([['C', 'env']]) }, env)).toStrictEqual([['A', 'env']]);
  expect(await from({ ...UNTRUSTED, set: new Map([['C', 'x']]) }, env)).toStrictEqual([]);
});

test('a variable of "vars" that is misspelt in another one is answered with one above it', async () => {
  const text = (vars: string) => `vars: { ${vars} }\nimages: [{ name: a/b }]`;
  expect(lines(await load(text('VERSION: x, B: "${VERSOIN}"')))).toStrictEqual([
    'sea-trial.yml:1:24 variable "VERSOIN" is not set; did you mean "VERSION"?',
  ]);
  expect(lines(await load(text('B: "${VERSOIN}", VERSION: x')))).toStrictEqual([
    'sea-trial.yml:1:12 variable "VERSOIN" is not set; give it with --set, the environment or "vars"',
  ]);
});

test('a variable that is misspelt is answered with one that is given, too', async () => {
  const set = new Map([['VERSION', 'x']]);
  const found = lines(await load('images: [{ name: "a/${VERSOIN}-${VERSION}" }]', { set }));
  expect(found).toStrictEqual([
    'sea-trial.yml:1:18 variable "VERSOIN" is not set; did you mean "VERSION"?',
  ]);
});

test('what a variable of "vars" lacks is said at that variable alone', async () => {
  const text = 'vars: { A: "${B}" }\nimages: [{ name: "a/${A}", tags: ["${A:-x}"] }]';
  expect(lines(await load(text))).toStrictEqual([
    'sea-trial.yml:1:12 variable "B" is not set; give it with --set, the environment or "vars"',
  ]);
});

test.each<[string, readonly string[]]>([
  ['vars: { A: [x] }', ['sea-trial.yml:1:12 "A" must be a text, found a list']],
  ['vars: x', ['sea-trial.yml:1:7 "vars" must be a map of names with values, found the text "x"']],
])('%s is no table of variables', async (text, expected) => {
  expect(lines(await load(`${text}\nimages: [{ name: a/b }]`))).toStrictEqual(expected);
});

test('severities are those of codes that are known, each as it is written', async () => {
  const checks = 'no-program: off, started-only: warning, test-failed: error';
  const config = await load(`checks: { ${checks} }\nimages: [{ name: a/b }]`);
  expect(lines(config)).toStrictEqual([]);
  expect(config.severities).toStrictEqual({
    'no-program': 'off',
    'started-only': 'warning',
    'test-failed': 'error',
  });
});

test('files that are for another platform are kept with their reasons and places', async () => {
  const config = await load(
    'images:\n  - name: a/b\n    foreign:\n      - { path: x, reason: one }\n      - { path: y/**, reason: two }\n',
  );
  const at = (line: number) => ({ file: 'sea-trial.yml', line, column: 9 });
  expect(config.images[0]?.foreign).toStrictEqual([
    { at: at(4), path: 'x', reason: 'one' },
    { at: at(5), path: 'y/**', reason: 'two' },
  ]);
});

test('a variable of the name of an argument with a value is not used by it', async () => {
  const set = new Map([['A', 'x']]);
  const message = '--set A: nothing uses this variable; the configuration has no variables';
  for (const args of ['{ A: y }', "['A=y']", "['A=']"]) {
    const text = `images: [{ name: a/b, build: { args: ${args} } }]`;
    expect(lines(await load(text, { set }))).toStrictEqual([message]);
    const { fromEnvironment } = await load(text, {}, { A: 'x' });
    expect([...fromEnvironment]).toStrictEqual([]);
  }
});

test('an argument that a file gives its build may have any name: it is in the repository already', async () => {
  const config = await load('images: [{ name: a/b, build: { args: { NPM_TOKEN: x } } }]');
  expect(lines(config)).toStrictEqual([]);
});

test('a variable is used by an image of the inputs of which no version is found', async () => {
  const given = new Map([
    ['tags', 'a/b:{version}'],
    ['file', 'x_{version}'],
    ['build-args', 'BARE'],
    ['set', 'BARE=1'],
  ]);
  const asked = fromInputs(given, { root: '/work', env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  expect(lines(await load({}, asked.request))).toStrictEqual([
    'input "file" no file matches "x_{version}"',
  ]);
});

test('a target has a name of its own, its tags and what becomes of them', async () => {
  const config = await load(
    'images: [{ targets: [x, { name: y, tags: [v1], replaces: linux/arm64, existing: same }, { tags: [v2] }] }]',
  );
  expect(lines(config)).toStrictEqual(['sea-trial.yml:1:89 this target has no "name"']);
  const at = (column: number) => ({ file: 'sea-trial.yml', line: 1, column });
  expect(config.images[0]?.targets).toStrictEqual([
    { at: at(22), repository: 'x', tags: ['latest'], replaces: [] },
    {
      at: at(25),
      repository: 'y',
      tags: ['v1'],
      replaces: [{ value: 'linux/arm64', at: at(58) }],
      existing: 'same',
    },
  ]);
  expect(config.images[0]?.id).toStrictEqual({ value: 'x', at: at(22) });
});

test('keys of a target that stand beside "targets" are each refused at their places', async () => {
  const config = await load(
    'images:\n  - targets: [x]\n    tags: [a]\n    existing: fail\n    replaces: linux/arm64\n',
  );
  expect(lines(config)).toStrictEqual([
    'sea-trial.yml:3:5 with "targets", tags belong in each target',
    'sea-trial.yml:5:5 with "targets", replaces belong in each target',
    'sea-trial.yml:4:5 with "targets", existing belong in each target',
  ]);
});

test('platforms of the file are for the images that name none', async () => {
  const config = await load(
    "platforms: [linux/arm64]\nimages:\n  - { name: a/one, build: { args: { A: '{arch}' } } }\n  - { name: a/two, platforms: linux/amd64, build: { args: { A: '{arch}' } } }\n",
  );
  expect(
    config.images.map(({ platforms, perPlatform }) => [
      platforms.map(({ value }) => value),
      [...(perPlatform ?? [])].map(([platform, build]) => [platform, fromDockerfile(build).args]),
    ]),
  ).toStrictEqual([
    [['linux/arm64'], [['linux/arm64', { A: 'arm64' }]]],
    [['linux/amd64'], [['linux/amd64', { A: 'amd64' }]]],
  ]);
});

test('placeholders of an image whose platforms are none are not replaced a second time for one', async () => {
  const config = await load(
    "images: [{ name: a/b, platforms: [linux/amd64, x86_64, linux/arm65], build: { args: { A: '{arch}' } } }]",
  );
  expect([...(config.images[0]?.perPlatform?.keys() ?? [])]).toStrictEqual(['linux/amd64']);
});

test('a test that is the same on some of its platforms is one for these', async () => {
  const config = await load(`images:
  - name: a/b
    platforms: [linux/amd64, linux/arm/v6, linux/arm/v7]
    tests: [{ name: t, run: 'x {arch}' }, { name: u, run: y, mounts: ['d/{arch}:/d'] }]
`);
  expect(lines(config)).toStrictEqual([]);
  const own = (platforms: readonly { readonly value: string }[]) =>
    platforms.map(({ value }) => value);
  expect(
    config.images[0]?.tests.map(({ plan, platforms, mounts }) => [
      plan.name,
      mounts.map(({ source }) => source),
      own(platforms),
    ]),
  ).toStrictEqual([
    ['t', [], ['linux/amd64']],
    ['t', [], ['linux/arm/v6', 'linux/arm/v7']],
    ['u', ['d/amd64'], ['linux/amd64']],
    ['u', ['d/arm'], ['linux/arm/v6', 'linux/arm/v7']],
  ]);
});

test('nothing is known of what a cut list holds', async () => {
  const config = await load('images: [{ name: a/b, tests: [{ run: a');
  expect(config.problems).toHaveLength(1);
  expect(config.images).toStrictEqual([]);
});

test('a file without images is none that could be built, whatever else it says', async () => {
  const said = lines(await load('vars: { A: b }\nplatforms: [linux/amd64]'));
  expect(said).toStrictEqual([expect.stringMatching(/^sea-trial\.yml the file has no "images"; /)]);
  expect(lines(await load('vars: { A: "${B}" }'))).toStrictEqual([
    'sea-trial.yml:1:12 variable "B" is not set; give it with --set, the environment or "vars"',
  ]);
});
