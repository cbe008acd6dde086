// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../../src/config/index.js';
import { fromDockerfile } from '../../plans.js';
import { load, MODES } from '../memory.js';

/* How the texts of inputs become the keys of an image. */

async function image(values: Readonly<Record<string, string>>) {
  const given = new Map(Object.entries({ tags: 'a/b', ...values }));
  const asked = fromInputs(given, { root: '/work', env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  const config = await load({}, asked.request);
  const [one] = config.images;
  if (one === undefined) throw new Error('there is no image');
  return { image: one, problems: config.problems.map(({ message }) => message) };
}

const argsOf = async (text: string) =>
  fromDockerfile((await image({ 'build-args': text })).image.build).args;

describe('an input of lines', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['A=1\r\nB=2\r\rC=3\n\n', { A: '1', B: '2', C: '3' }],
    ['  A=1  \n\t"B= 2 "\n', { A: '1', B: ' 2 ' }],
    ['A=1\n "B=2\n3"', { A: '1', B: '2\n3' }],
    ['A=x "y z" w', { A: 'x "y z" w' }],
    ['A="x\nB=y"', { A: '"x', B: 'y"' }],
    ['"A=""x\n"""', { A: '"x\n"' }],
    ['A=""', { A: '""' }],
    ['A=b=c=', { A: 'b=c=' }],
  ])('%j', async (text, expected) => {
    expect(await argsOf(text)).toStrictEqual(expected);
  });
});

test.each<[string, Readonly<Record<string, string>>]>([
  ['"a=1","b=2"', { '"a': '1","b=2"' }],
  ['"a=1" x', { '"a': '1" x' }],
  ['"a=1', { '"a': '1' }],
  ['a=x "y"\nb="', { a: 'x "y"', b: '"' }],
])('quotes that are not around the whole item stay: %j', async (text, expected) => {
  const { labels } = fromDockerfile((await image({ labels: text })).image.build);
  expect(labels).toStrictEqual(expected);
});

describe('an input that is a list', () => {
  test('is divided at commas and lines, but not within quotes', async () => {
    const { image: read } = await image({
      platforms: ' linux/amd64 ,\r\nlinux/arm64,,\n"linux/s390x"',
    });
    expect(read.platforms.map(({ value }) => value)).toStrictEqual([
      'linux/amd64',
      'linux/arm64',
      'linux/s390x',
    ]);
  });

  test('keeps quotes behind other characters, and what they hold is divided', async () => {
    const { image: read } = await image({ 'add-hosts': 'a:10.0.0.1,"b:10.0.0.2"' });
    expect(fromDockerfile(read.build).addHosts).toStrictEqual(['a:10.0.0.1', 'b:10.0.0.2']);
  });
});

test.each<[string, readonly string[]]>([
  ['a:10.0.0.1', ['a:10.0.0.1']],
  ['a=10.0.0.1', ['a:10.0.0.1']],
  ['a:::1', ['a:::1']],
  ['a=::1', ['a:::1']],
])('the host %s', async (text, expected) => {
  const { image: read } = await image({ 'add-hosts': text });
  expect(fromDockerfile(read.build).addHosts).toStrictEqual(expected);
});

test.each<[string, string]>([
  ['{{defaultContext}}', '.'],
  ['{{ defaultContext }}:', '.'],
  ['{{defaultContext}}:a/b', 'a/b'],
  [' {{  defaultContext}}:lib ', 'lib'],
  ['x{{defaultContext}}', 'x{{defaultContext}}'],
  ['{{defaultContext}}x', '{{defaultContext}}x'],
  ['a=b', 'a=b'],
  ['{{defaultContext}}:a=b', 'a=b'],
])('the named context %s is %s', async (text, expected) => {
  const { image: read } = await image({ 'build-contexts': `"lib=${text}"` });
  expect(fromDockerfile(read.build).contexts.map(({ name, value }) => [name, value])).toStrictEqual(
    [['lib', expected]],
  );
});

test('an address is the context as it is, and the Dockerfile in it is not moved', async () => {
  const { image: read } = await image({ context: 'https://a.example/b.git', file: 'x/D' });
  const build = fromDockerfile(read.build);
  expect([build.context.value, build.dockerfile.value]).toStrictEqual([
    'https://a.example/b.git',
    'x/D',
  ]);
});

test.each<[string, unknown]>([
  ['a', [['a', ['latest']]]],
  ['a,a:1,a:1,a:latest', [['a', ['latest', '1']]]],
  ['a:1\nlibrary/a:2,docker.io/a:3', [['a', ['1', '2', '3']]]],
  ['localhost:5000/a,localhost:5000/a:1', [['localhost:5000/a', ['latest', '1']]]],
])('the tags %j', async (tags, expected) => {
  const { image: read } = await image({ tags });
  expect(read.targets.map((target) => [target.repository, target.tags])).toStrictEqual(expected);
});

test.each<[string, unknown]>([
  ['  greeter --version \n', { shell: 'greeter --version' }],
  ['{"a": 1}', { shell: '{"a": 1}' }],
  ['"a"', { shell: '"a"' }],
  ['[x] || y', { shell: '[x] || y' }],
  ['["a", ""]', { exec: ['a', ''] }],
])('the test %j', async (text, expected) => {
  const { image: read, problems } = await image({ test: text });
  expect(problems).toStrictEqual([]);
  expect(read.tests.map(({ plan }) => plan.run)).toStrictEqual([expected]);
});

test('a limit is what stands behind the first equals sign', async () => {
  const { image: read } = await image({ ulimit: 'nofile=1:2\nnproc=3' });
  expect(fromDockerfile(read.build).ulimits).toStrictEqual(['nofile=1:2', 'nproc=3']);
  expect((await image({ ulimit: 'nofile=1=2' })).problems).toStrictEqual([
    '"1=2" is not a limit of nofile; expected a whole number, or -1 for none',
  ]);
});

test('what is of one input has the place of that input, also in a map of several', async () => {
  const { image: read } = await image({
    'builder-image': 'b/b',
    'run-image': 'b/run',
    context: 'app',
    'buildpack-env': 'A=1',
  });
  expect(read.build).toMatchObject({
    kind: 'buildpack',
    context: { value: 'app', at: { file: 'input "context"' } },
    builder: { value: 'b/b', at: { file: 'input "builder-image"' } },
    runImage: { value: 'b/run', at: { file: 'input "run-image"' } },
    env: { A: '1' },
  });
});

test('inputs of buildpacks are no image by themselves', () => {
  const given = new Map([['buildpacks', 'a/b']]);
  expect(fromInputs(given, { root: '/work', env: {} }, MODES)).toStrictEqual({
    problems: [
      {
        file: 'input "buildpacks"',
        message:
          'is for a build with buildpacks, and no builder is named; name its image with "builder-image"',
      },
    ],
  });
});

test('an entitlement alone describes no image', () => {
  const asked = fromInputs(new Map([['allow', 'network.host']]), { root: '/work', env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  expect(asked.request.inline).toBeUndefined();
  expect(asked.request.grants).toStrictEqual(['network.host']);
});
