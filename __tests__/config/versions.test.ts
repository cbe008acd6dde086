import { describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { fromDockerfile } from '../plans.js';
import { lines, load, MODES } from './memory.js';

const yaml = `
images:
  - name: quay.io/maistra/maistra-builder
    tags: ['{version}', 'v{version}']
    build: { context: docker, dockerfile: 'maistra-builder_{version}.Dockerfile', args: { V: '{version}' } }
    tests: [{ name: 'is {version}', run: 'cat /version', stdout: '^{version}$' }]
`;

test('a Dockerfile glob makes an image per version, in the order of versions', async () => {
  const config = await load({
    'sea-trial.yml': yaml,
    'docker/maistra-builder_2.10.Dockerfile': 'FROM scratch',
    'docker/maistra-builder_2.9.Dockerfile': 'FROM scratch',
    'docker/maistra-builder_.Dockerfile': 'FROM scratch',
    'docker/other_2.4.Dockerfile': 'FROM scratch',
    'maistra-builder_9.Dockerfile': 'FROM scratch',
  });
  expect(lines(config)).toEqual([]);
  expect(
    config.images.map(({ id, version, targets, build, tests }) => [
      id.value,
      version,
      targets[0]?.tags,
      fromDockerfile(build).dockerfile.value,
      fromDockerfile(build).args,
      tests[0]?.plan.name,
      tests[0]?.plan.stdout,
    ]),
  ).toEqual([
    [
      'maistra-builder:2.9',
      '2.9',
      ['2.9', 'v2.9'],
      'docker/maistra-builder_2.9.Dockerfile',
      { V: '2.9' },
      'is 2.9',
      '^2.9$',
    ],
    [
      'maistra-builder:2.10',
      '2.10',
      ['2.10', 'v2.10'],
      'docker/maistra-builder_2.10.Dockerfile',
      { V: '2.10' },
      'is 2.10',
      '^2.10$',
    ],
  ]);
});

test('a file that matches with what is no version is a problem, beside the images of the others', async () => {
  const config = await load({
    'sea-trial.yml': yaml,
    'docker/maistra-builder_2.9.Dockerfile': 'FROM scratch',
    'docker/maistra-builder_x y.Dockerfile': 'FROM scratch',
    'docker/maistra-builder_-1.Dockerfile': 'FROM scratch',
  });
  const rule =
    'a version, like a tag, has up to 128 letters, digits and "_ . -", and does not begin with "." or "-"';
  expect(lines(config)).toEqual([
    `sea-trial.yml:5:43 "maistra-builder_-1.Dockerfile" matches "maistra-builder_{version}.Dockerfile", and "-1" is not a version; rename it: ${rule}`,
    `sea-trial.yml:5:43 "maistra-builder_x y.Dockerfile" matches "maistra-builder_{version}.Dockerfile", and "x y" is not a version; rename it: ${rule}`,
  ]);
  expect(config.images.map(({ version }) => version)).toEqual(['2.9']);
  const alone = await load({ 'sea-trial.yml': yaml, 'docker/maistra-builder_x y.Dockerfile': '' });
  expect(lines(alone)).toEqual([expect.stringContaining('"x y" is not a version')]);
});

test('an id of its own gets the version too, unless it holds it', async () => {
  const files = { 'x_1.Dockerfile': '', 'x_2.Dockerfile': '' };
  const ids = async (id: string) => {
    const text = `images: [{ id: '${id}', name: a/b, build: { dockerfile: 'x_{version}.Dockerfile' } }]`;
    const config = await load({ ...files, 'sea-trial.yml': text });
    return config.images.map((image) => image.id.value);
  };
  expect(await ids('x')).toEqual(['x:1', 'x:2']);
  expect(await ids('x-{version}')).toEqual(['x-1', 'x-2']);
});

test.each<[string, string, string]>([
  ['x_{version}.Dockerfile', '.', 'no file matches "x_{version}.Dockerfile"'],
  ['x_{version}.Dockerfile', 'gone', 'no file matches "x_{version}.Dockerfile"'],
  ['{version}_{version}', '.', '"{version}_{version}" has {version} more than once'],
  ['{version}/{version}', '.', '"{version}/{version}" has {version} more than once'],
  [
    '{version}/Dockerfile',
    '.',
    `"{version}/Dockerfile": {version} belongs in the file's name, not in a folder's; call the files {version}.Dockerfile, or write an item of "images" for each folder`,
  ],
  [
    'x_{version}',
    'https://a.example/b.git',
    '"x_{version}": {version} needs a context that is a folder',
  ],
])('%s in %s is a problem', async (dockerfile, context, message) => {
  const config = await load(
    `images: [{ name: a/b, build: { context: "${context}", dockerfile: "${dockerfile}" } }]`,
  );
  expect(config.problems.map((problem) => problem.message)).toEqual([message]);
  expect(config.problems[0]).toMatchObject({ file: 'sea-trial.yml', line: 1 });
});

test('a problem of a globbed image is said once', async () => {
  const config = await load({
    'sea-trial.yml':
      'images: [{ name: "a/{version}", platforms: [x], build: { dockerfile: "x_{version}" } }]',
    x_1: '',
    x_2: '',
  });
  expect(config.problems.map(({ line, column }) => [line, column])).toEqual([[1, 45]]);
});

test.each<[string, readonly string[]]>([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
  ['name: "a/${X}"', ['variable "X" is not set; give it with --set, the environment or "vars"']],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
    'name: a/b, tags: ["${X}"]',
    ['variable "X" is not set; give it with --set, the environment or "vars"'],
  ],
  [
    'name: a/b, tags: [{version}]',
    [
      expect.stringContaining(
        `an item of "tags" must be a text, found a map with "version"; {version} without quotes is a map in YAML`,
      ) as unknown as string,
    ],
  ],
])('%s says nothing of the tags that versions would share', async (image, expected) => {
  const config = await load({
    'sea-trial.yml': `images: [{ ${image}, build: { dockerfile: "x_{version}" } }]`,
    x_1: '',
    x_2: '',
  });
  expect(config.problems.map(({ message }) => message)).toEqual(expected);
});

test.each<[string, string]>([
  ['build_{version}.Dockerfile', '; the nearest there is "build-1.0.Dockerfile"'],
  ['Build-{version}.dockerfile', '; the nearest there is "build-1.0.Dockerfile"'],
  ['BUILD-{version}', '; the nearest there is "build-1.0.Dockerfile"'],
  ['{version}.DOCKERFILE', '; the nearest there is "build-1.0.Dockerfile"'],
  ['Dockerfile.{version}', ''],
  ['bx{version}le', '; the nearest there is "bin-1.Containerfile"'],
  ['by{version}ld', ''],
  ['{version}.Containerfile.x', ''],
  ['gone/{version}.Dockerfile', ''],
])('a pattern without a file names the nearest one: %s', async (pattern, hint) => {
  const config = await load({
    'sea-trial.yml': `images: [{ name: a/b, tags: ['{version}'], build: { dockerfile: '${pattern}' } }]`,
    'build-1.0.Dockerfile': '',
    'bin-1.Containerfile': '',
  });
  expect(config.problems.map(({ message }) => message)).toEqual([
    `no file matches "${pattern}"${hint}`,
  ]);
});

test.each<[string, string, string]>([
  [
    'app/Dockerfile',
    'app/Dockerfile',
    'write build: { context: app }, or build: { dockerfile: app/Dockerfile } with this folder as the context',
  ],
  [
    '{ context: ./app/prod.Dockerfile }',
    './app/prod.Dockerfile',
    'write build: { context: app, dockerfile: prod.Dockerfile }, or build: { dockerfile: app/prod.Dockerfile } with this folder as the context',
  ],
  ['Dockerfile', 'Dockerfile', 'write build: .'],
  ['{ context: app/Dockerfile, buildpack: x }', 'app/Dockerfile', 'write context: app'],
  ['prod.Dockerfile', 'prod.Dockerfile', 'write build: { dockerfile: prod.Dockerfile }'],
  ['app/../Dockerfile', 'app/../Dockerfile', 'write build: .'],
])('build: %s names a file in the place of a folder', async (build, text, right) => {
  const files = {
    Dockerfile: '',
    'prod.Dockerfile': '',
    'app/Dockerfile': '',
    'app/prod.Dockerfile': '',
  };
  const yaml = `images: [{ name: a/b, build: ${build} }]`;
  const config = await load({ 'sea-trial.yml': yaml, ...files });
  expect(config.problems.map(({ message }) => message)).toEqual([
    `"${text}" is a file, and the context of a build is a folder; ${right}`,
  ]);
});

test('an input that names a file in the place of a folder is told of the other input', async () => {
  const given = new Map([
    ['tags', 'a/b'],
    ['context', 'app/Dockerfile'],
  ]);
  const asked = fromInputs(given, { root: '/work', env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  const config = await load({ 'app/Dockerfile': '' }, asked.request);
  expect(lines(config)).toEqual([
    'input "context" "app/Dockerfile" is a file, and the context of a build is a folder; write app, and the file in the input "file"',
  ]);
});

test.each([
  '.',
  'app',
  '{ context: app }',
  "'{arch}'",
  '../x',
  '..',
  '~/x',
  '~',
  '/work/x',
  'https://example.com/a.git',
])('build: %s is no file of the configuration', async (build) => {
  const yaml = `images: [{ name: a/b, build: ${build} }]`;
  // What would be there if each of them were a path below this folder.
  const below = ['{arch}', '~/x', 'work/x', 'https:/example.com/a.git'];
  const files = Object.fromEntries(below.map((path) => [path, '']));
  const config = await load({ 'sea-trial.yml': yaml, 'app/Dockerfile': '', '../x': '', ...files });
  expect(lines(config)).toEqual([]);
});

test('a file whose name is only the ends of a pattern has no version', async () => {
  const config = await load({
    'sea-trial.yml': 'images: [{ name: a/b, build: { dockerfile: "x_{version}_x" } }]',
    x_x: '',
    x__x: '',
  });
  expect(config.problems.map(({ message }) => message)).toStrictEqual([
    'no file matches "x_{version}_x"; the nearest there is "x__x"',
  ]);
});

test.each<[string, string]>([
  ['a*', 'a{version}'],
  ['a**b', 'a{version}b'],
  ['a??', 'a{version}'],
  ['a*b?c*', 'a{version}b?c*'],
])('of a pattern of the shell, %s, the first signs are meant as {version}', async (file, meant) => {
  const { problems } = await load(`images: [{ name: a/b, build: { dockerfile: "${file}" } }]`);
  expect(problems.map(({ message }) => message)).toStrictEqual([
    `there is no file "${file}", and "dockerfile" has no such patterns; for an image of each version, write "${meant}"`,
  ]);
});

test('a pattern of the shell is looked for where the Dockerfile would be', async () => {
  const text = (build: string) => `images: [{ name: a/b, build: ${build} }]`;
  const said = async (build: string, files = {}) =>
    (await load({ 'sea-trial.yml': text(build), ...files })).problems.length;
  const build = '{ context: app, dockerfile: "a*" }';
  expect(await said(build, { 'a*': '' })).toBe(1);
  expect(await said(build, { 'app/a*': '' })).toBe(0);
  expect(await said('{ context: "https://a.example/b.git", dockerfile: "a*" }')).toBe(0);
});

test('a pattern of the shell in the inputs is looked for in the checkout', async () => {
  const asked = (files: Readonly<Record<string, string>>) => {
    const given = new Map(Object.entries({ tags: 'a/b', context: 'app', file: 'a*' }));
    const read = fromInputs(given, { root: '/work', env: {} }, MODES);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    return load(files, read.request);
  };
  expect((await asked({ 'a*': '' })).problems).toStrictEqual([]);
  expect((await asked({ 'app/a*': '' })).problems).toHaveLength(1);
});

test('a context that is not known has no files that could be missing', async () => {
  const config = await load(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
    'images: [{ name: a/b, build: { context: "${X}", dockerfile: "x_{version}" } }]',
  );
  expect(config.problems.map(({ message }) => message)).toEqual([
    'variable "X" is not set; give it with --set, the environment or "vars"',
  ]);
});

describe('an entry for one version takes precedence over the pattern', () => {
  const pattern = [
    'images:',
    '  - name: quay.io/acme/builder',
    "    tags: ['{version}']",
    '    platforms: [linux/arm64, linux/amd64]',
    "    build: { dockerfile: 'builder_{version}.Dockerfile' }",
  ];
  const byPattern = ['builder:2.5', '2.5', 'builder_2.5.Dockerfile', 'linux/arm64 linux/amd64'];
  const loaded = (entry: string) =>
    load({
      'sea-trial.yml': [...pattern, `  - { platforms: [linux/amd64], ${entry} }`].join('\n'),
      'builder_2.2.Dockerfile': '',
      'builder_2.5.Dockerfile': '',
      'old/Dockerfile': '',
    });
  const shown = (config: Awaited<ReturnType<typeof load>>) =>
    config.images.map(({ id, version, build, platforms }) => [
      id.value,
      version,
      fromDockerfile(build).dockerfile.value,
      platforms.map(({ value }) => value).join(' '),
    ]);

  const same = 'name: quay.io/acme/builder, tags: [2.2]';
  const file = 'builder_2.2.Dockerfile';
  test.each<[string, string, readonly (string | undefined)[]]>([
    [
      'by its id',
      `id: 'builder:2.2', ${same}, build: { dockerfile: ${file} }`,
      ['builder:2.2', '2.2', file, 'linux/amd64'],
    ],
    [
      'by its id, with another Dockerfile',
      `id: 'builder:2.2', ${same}, build: { dockerfile: old/Dockerfile }`,
      ['builder:2.2', '2.2', 'old/Dockerfile', 'linux/amd64'],
    ],
    [
      'by its Dockerfile; it has the id of the version',
      `${same}, build: { dockerfile: ./${file} }`,
      ['builder:2.2', '2.2', file, 'linux/amd64'],
    ],
    [
      'by its Dockerfile, under another name and id',
      `id: legacy, name: quay.io/acme/old, tags: [2.2], build: { dockerfile: ${file} }`,
      ['legacy', undefined, file, 'linux/amd64'],
    ],
  ])('%s', async (_, entry, expected) => {
    const config = await loaded(entry);
    expect(lines(config)).toEqual([]);
    expect(shown(config)).toEqual([byPattern, expected]);
    expect(config.notes).toEqual([
      'builder:2.2 is built as sea-trial.yml:6 says, not as the pattern of sea-trial.yml:2 does: that entry is the whole image, with no tags, tests or arguments of the pattern.',
    ]);
  });

  const whole =
    'builder:2.2 is built as sea-trial.yml:6 says, not as the pattern of sea-trial.yml:2 does: that entry is the whole image, with no tags, tests or arguments of the pattern.';
  const latest = `${whole} It has no "tags", so it becomes "latest", where the pattern has "2.2"; if that is not meant, write tags: ['2.2'] there.`;

  test.each<[string, string]>([
    ['name: quay.io/acme/builder', latest],
    ['targets: [{ name: quay.io/acme/builder }]', latest],
    ['targets: [{ name: quay.io/acme/builder, tags: dev }]', whole],
    ['name: quay.io/acme/builder, tags: latest', whole],
  ])('an entry with %s', async (entry, note) => {
    const config = await loaded(`${entry}, build: { dockerfile: ${file} }`);
    expect(config.notes).toEqual([note]);
  });

  test('a pattern whose tags have no version says nothing of them', async () => {
    const config = await load({
      'sea-trial.yml': `images:\n  - { name: 'a/b-{version}', build: { dockerfile: 'x_{version}' } }\n  - { name: a/b-1, build: { dockerfile: x_1 } }`,
      x_1: '',
    });
    expect(config.notes).toEqual([
      'b-1:1 is built as sea-trial.yml:3 says, not as the pattern of sea-trial.yml:2 does: that entry is the whole image, with no tags, tests or arguments of the pattern.',
    ]);
  });

  test.each([
    ['another file', `${same}, build: { dockerfile: old/Dockerfile }`, 'builder:2.2'],
    [
      'a file of that name elsewhere',
      `id: x, ${same}, build: { context: 'https://example.com/x.git', dockerfile: ${file} }`,
      'x',
    ],
    [
      'another stage of that file',
      `id: slim, ${same}, build: { dockerfile: ${file}, target: slim }`,
      'slim',
    ],
  ])('not by %s', async (_, entry) => {
    const config = await loaded(entry);
    expect(shown(config)).toHaveLength(3);
    expect(config.notes).toEqual([]);
  });
});

describe('a pattern that is not meant so', () => {
  const files = { 'builder_1.Dockerfile': '', 'builder_2.Dockerfile': '' };
  const messages = async (text: string, more: Readonly<Record<string, string>> = {}) => {
    const { problems } = await load({ 'sea-trial.yml': text, ...files, ...more });
    return problems.map(({ message }) => message);
  };

  test.each(['builder_*.Dockerfile', 'builder_?.Dockerfile'])(
    '%s is answered with {version}',
    async (name) => {
      const text = `images: [{ name: a/b, build: { dockerfile: "${name}" } }]`;
      expect(await messages(text)).toEqual([
        `there is no file "${name}", and "dockerfile" has no such patterns; for an image of each version, write "builder_{version}.Dockerfile"`,
      ]);
      expect(await messages(text, { [name]: '' })).toEqual([]);
    },
  );

  const build = 'build: { dockerfile: "builder_{version}.Dockerfile" }';
  test.each<[string, readonly string[]]>([
    [
      'name: a/b, tags: [stable]',
      ['"a/b:stable"; put {version} into the tag, as tags: [\'stable-{version}\']'],
    ],
    ['name: a/b', ['"a/b:latest"; put {version} into the tag, as tags: [\'{version}\']']],
    [
      'targets: [a/b, { name: "c/{version}" }]',
      ['"a/b:latest"; put {version} into the tag, as tags: [\'{version}\']'],
    ],
    [
      'name: a/b, tags: ["{version}", latest]',
      ['"a/b:latest"; put {version} into the tag, as tags: [\'{version}\']'],
    ],
    ['name: "a/{version}"', []],
    ['name: a/b, tags: ["{version}"]', []],
  ])('one tag for several versions is an error, once: %s', async (keys, expected) => {
    const text = `images: [{ ${keys}, ${build} }]`;
    expect(await messages(text)).toEqual(
      expected.map(
        (end) =>
          `"builder_{version}.Dockerfile" makes an image of each version (1, 2), and all of them would be ${end}`,
      ),
    );
  });

  test('one tag for the only version is none', async () => {
    const text = `images: [{ name: a/b, tags: [stable], ${build.replace('builder_', '')} }]`;
    const { problems } = await load({ 'sea-trial.yml': text, '1.Dockerfile': '' });
    expect(problems).toEqual([]);
  });

  test('an entry that has only the id of a version is told what it lacks', async () => {
    const text = `images:\n- { name: a/b, tags: ["{version}"], ${build} }\n- { id: "b:1", platforms: linux/arm64 }`;
    expect(await messages(text)).toEqual([
      'this entry takes the place of "b:1", which the pattern of sea-trial.yml:2 makes, and has nothing of it: write "name" or "targets" here too, with "tags" and "build" as they are to be',
    ]);
  });

  test('an entry with the id of one version and the Dockerfile of another is an error', async () => {
    const entry = (id: string, file: string) =>
      `images:\n- { name: a/b, tags: ["{version}"], ${build} }\n- { id: "${id}", name: a/b, tags: [x], build: { dockerfile: builder_${file}.Dockerfile } }`;
    expect(await messages(entry('b:2', '1'))).toEqual([
      'this entry has the id of "b:2" and the Dockerfile of "b:1", and would take the place of both; give it the "id" of one and the "dockerfile" of the same, or an "id" that no version has',
    ]);
    expect(await messages(entry('b:1', '1'))).toEqual([]);
    expect(await messages(entry('other', '1'))).toEqual([]);
  });
});

describe('a file that matches but for upper and lower case, beside others that match', () => {
  const notesOf = async (files: readonly string[], images: string, more = {}) => {
    const texts = Object.fromEntries(files.map((path) => [path, 'FROM scratch']));
    const config = await load({ 'sea-trial.yml': `images: [${images}]`, ...texts, ...more });
    expect(lines(config)).toEqual([]);
    return config.notes;
  };
  const image = (dockerfile: string, more = '') =>
    `{ name: a/b, tags: ['{version}'], build: { dockerfile: '${dockerfile}' }${more} }`;

  test.each<[string, string, readonly string[]]>([
    ['behind the version', 'V1.dockerfile', ['v2.Dockerfile']],
    ['in front of it and behind', 'MY-1.DOCKERFILE', ['my-2.Dockerfile', 'my-3.Dockerfile']],
  ])('is a note: %s', async (_, left, others) => {
    const pattern = left.startsWith('V') ? '{version}.Dockerfile' : 'my-{version}.Dockerfile';
    expect(await notesOf([left, ...others], image(pattern))).toEqual([
      expect.stringMatching(
        `^sea-trial.yml:1:\\d+: "${pattern}" leaves out "${left}", whose name matches but for upper and lower case; rename the file if it is a version too.$`,
      ),
    ]);
  });

  test('is named for three of them, and the others are counted', async () => {
    const many = Array.from({ length: 9 }, (_, at) => `V${at}.dockerfile`);
    const notes = await notesOf([...many, 'v2.Dockerfile'], image('{version}.Dockerfile'));
    expect(notes).toHaveLength(4);
    expect(notes[3]).toMatch(/leaves out 6 more files, whose names match but for upper and lower/);
  });

  test.each<[string, readonly string[], string]>([
    [
      'is a list of what is ignored',
      ['dockerfile.1.dockerignore', 'Dockerfile.2'],
      image('Dockerfile.{version}'),
    ],
    ['makes no tag', ['dockerfile.a b', 'Dockerfile.2'], image('Dockerfile.{version}')],
    ['is too short', ['.dockerfile', 'v2.Dockerfile'], image('{version}.Dockerfile')],
    ['has another name', ['v1.docker', 'v2.Dockerfile'], image('{version}.Dockerfile')],
    ['is a folder', ['V1.dockerfile/README', 'v2.Dockerfile'], image('{version}.Dockerfile')],
    [
      'another entry builds',
      ['V1.dockerfile', 'v2.Dockerfile'],
      `${image('{version}.Dockerfile')}, { name: a/c, build: { dockerfile: V1.dockerfile } }`,
    ],
    [
      'another pattern matches',
      ['V1.dockerfile', 'v2.Dockerfile'],
      `${image('{version}.Dockerfile')}, ${image('{version}.dockerfile').replace('a/b', 'a/c')}`,
    ],
  ])('is none where it %s', async (_, files, images) => {
    expect(await notesOf(files, images)).toEqual([]);
  });
});
