import { expect, test } from '@jest/globals';
import { type AdviceSources, advice, found } from './advice.js';

const mount = (options: string) => `RUN --mount=type=secret,${options} true`;
const given = (...ids: readonly string[]) => ({ build: { secrets: ids.map((id) => ({ id })) } });

test('a secret that no RUN mounts is a warning where it is written, with the nearest', async () => {
  const at = { file: 'sea-trial.yml', line: 6, column: 18 };
  const places = { secrets: new Map([['npm_tokn', at]]) };
  const lines = ['FROM a', mount('id=npm_token')];
  expect(await advice(lines, { ...given('npm_tokn'), places })).toEqual([
    {
      code: 'secret-unused',
      severity: 'warning',
      subject: { image: 'greeter' },
      message: 'No RUN of Dockerfile mounts the secret "npm_tokn"; did you mean "npm_token"?',
      location: at,
      remedy: 'Correct the id, mount it with RUN --mount=type=secret, or remove it.',
    },
  ]);
});

test('a secret that a RUN requires and the build is not given is a warning at that line', async () => {
  const lines = ['FROM a', 'RUN true', mount('id=npm_token,required')];
  expect(await advice(lines, given('npm_token'))).toEqual([]);
  const all = await advice(lines, given('npm_tokn'));
  expect(all.map(({ code, message, location }) => [code, message, location?.line])).toEqual([
    ['secret-unused', expect.anything(), undefined],
    [
      'secret-missing',
      'RUN requires the secret "npm_token", which the build is not given; did you mean it by "npm_tokn"?',
      3,
    ],
  ]);
  expect((await found('secret-missing', lines))[0]?.[0]).toBe(
    '3 RUN requires the secret "npm_token", which the build is not given.',
  );
});

test.each<[string, string, string]>([
  ['by its target', 'target=/run/secrets/a', 'a'],
  ['by its source', 'source=a,dst=/x', 'a'],
  ['in other cases', 'ID=a', 'a'],
  ['with more options', 'id=a,env=TOKEN,mode=0400,required=false', 'a'],
])('a mount that names its secret %s', async (_, options, id) => {
  const lines = ['FROM x', mount(options)];
  expect(await advice(lines, given(id))).toEqual([]);
  expect(await advice(lines)).toEqual([]);
  expect((await found('secret-unused', lines, given('zebra')))[0]?.[0]).toBe(
    ` No RUN of Dockerfile mounts the secret "zebra"; it mounts: ${id}.`,
  );
});

test('a mount behind another one, over lines, and in a stage that is not built, is one', async () => {
  const lines = [
    ...['FROM x AS other', mount('id=a'), 'FROM x'],
    ...[
      'RUN --network=none --mount=type=cache,target=/c \\',
      '  --mount=type=secret,id=b \\',
      '  make',
    ],
  ];
  expect(await advice(lines, given('a', 'b'))).toEqual([]);
});

test.each<[string, readonly string[], AdviceSources]>([
  [
    'BuildKit itself uses',
    ['FROM a'],
    given('GIT_AUTH_TOKEN', 'GIT_AUTH_HEADER.x', 'HTTP_AUTH_TOKEN_x'),
  ],
  ['a variable may name', ['FROM a', mount('id=$NAME')], given('a')],
  ['quotes may hold', ['FROM a', 'RUN --mount="type=secret,id=a" true'], given('a')],
  ['a later stage may mount', ['FROM a AS b', 'ONBUILD RUN true', 'FROM b'], given('a')],
])('nothing is said of a secret that %s', async (_, lines, sources = {}) => {
  expect(await advice(lines, sources)).toEqual([]);
});

test.each<[string, readonly string[]]>([
  ['a stage that is not built requires', ['FROM a', mount('id=a,required=true'), 'FROM b']],
  ['is not required', ['FROM a', mount('id=a,required=0'), mount('id=b')]],
])('nothing is missing that %s', async (_, lines) => {
  expect(await advice(lines)).toEqual([]);
});

test('where a Dockerfile mounts none, it is said so', async () => {
  expect((await found('secret-unused', ['FROM a', 'RUN true'], given('a')))[0]?.[0]).toBe(
    ' No RUN of Dockerfile mounts the secret "a"; it mounts none.',
  );
});

test('a secret is required by the stage that the platform chooses', async () => {
  const lines = [
    'FROM a AS b-amd64',
    mount('id=x,required'),
    'FROM a AS b-arm64',
    `FROM b-\${TARGETARCH:-amd64}`,
  ];
  const platformsOf = async (...platforms: readonly string[]) =>
    (await advice(lines, { platforms })).map(({ code, subject }) => [code, subject.platform]);
  expect(await platformsOf('linux/arm64')).toEqual([]);
  expect(await platformsOf('linux/amd64')).toEqual([['secret-missing', undefined]]);
  expect(await platformsOf('linux/amd64', 'linux/arm64')).toEqual([
    ['secret-missing', 'linux/amd64'],
  ]);
});
