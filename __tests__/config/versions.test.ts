import { describe, expect, test } from '@jest/globals';
import { fromDockerfile } from '../plans.js';
import { lines, load } from './memory.js';

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
    `"{version}/Dockerfile": {version} belongs in the file's name, not in a folder's`,
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
      'images: [{ name: a/b, platforms: [x], build: { dockerfile: "x_{version}" } }]',
    x_1: '',
    x_2: '',
  });
  expect(config.problems.map(({ line, column }) => [line, column])).toEqual([[1, 35]]);
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
      `id: legacy, name: quay.io/acme/old, build: { dockerfile: ${file} }`,
      ['legacy', undefined, file, 'linux/amd64'],
    ],
  ])('%s', async (_, entry, expected) => {
    const config = await loaded(entry);
    expect(lines(config)).toEqual([]);
    expect(shown(config)).toEqual([byPattern, expected]);
    expect(config.notes).toEqual([
      'builder:2.2 is built as sea-trial.yml:6 says, not as the pattern of sea-trial.yml:2 does.',
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
