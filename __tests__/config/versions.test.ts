import { expect, test } from '@jest/globals';
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
