import { expect, test } from '@jest/globals';
import { type AdviceSources, advice, found } from './advice.js';

const brief = async (...asked: Parameters<typeof advice>) =>
  (await advice(...asked)).map(({ message, location }) => `${location?.line ?? ''} ${message}`);

test('a default that hides the platform is a warning at its line, with what to write', async () => {
  const lines = ['FROM golang AS build', 'ARG TARGETOS=linux', 'ARG TARGETARCH=amd64'];
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
  expect(await advice(lines, { platforms })).toEqual([
    {
      code: 'arg-with-default',
      severity: 'warning',
      subject: { image: 'greeter' },
      message:
        'ARG TARGETARCH=amd64 hides the value that BuildKit sets: linux/arm64 and linux/s390x are built with TARGETARCH=amd64.',
      location: { file: 'Dockerfile', line: 3 },
      remedy: 'write ARG TARGETARCH without a value',
    },
  ]);
  expect(await advice(lines, { platforms: ['linux/amd64'] })).toEqual([]);
});

const TARGETS = ['FROM golang AS build', 'ARG TARGETARCH', 'FROM --platform=$TARGETPLATFORM a'];

test('an argument of the build that hides the platform is the same warning, at its own line', async () => {
  const at = { file: 'sea-trial.yml', line: 7, column: 9 };
  const places = { args: new Map([['TARGETARCH', at]]) };
  const build = { args: { TARGETARCH: 'amd64' } };
  expect(await advice(TARGETS, { build, places })).toEqual([
    {
      code: 'arg-with-default',
      severity: 'warning',
      subject: { image: 'greeter' },
      message:
        'The build argument TARGETARCH=amd64 hides the value that BuildKit sets: linux/arm64 is built with TARGETARCH=amd64.',
      location: at,
      remedy: 'remove it from "args"; BuildKit sets TARGETARCH for each platform',
    },
  ]);
});

test.each<[string, Record<string, string>, readonly string[]]>([
  ['is the platform it is built for', { TARGETARCH: 'arm64' }, ['linux/arm64']],
  ['is no other on any platform', { TARGETOS: 'linux' }, ['linux/amd64', 'linux/arm64']],
  ['is the platform in other words', { TARGETPLATFORM: 'linux/aarch64' }, ['linux/arm64']],
])('an argument that %s hides nothing', async (_, args, platforms) => {
  const lines = [...TARGETS, 'ARG TARGETOS'];
  expect(await found('arg-with-default', lines, { build: { args }, platforms })).toEqual([]);
});

test('an argument that only a FROM names hides the platform too', async () => {
  const lines = [`FROM base:\${TARGETARCH}`];
  const [one] = await found('arg-with-default', lines, { build: { args: { TARGETARCH: 'x' } } });
  expect(one?.[0]).toContain('linux/amd64 and linux/arm64 are built with TARGETARCH=x.');
});

test('a FROM names an argument in small letters and after spaces, too', async () => {
  const build = { args: { TARGETARCH: 'x' } };
  expect(await found('arg-with-default', ['  from base:$TARGETARCH'], { build })).toHaveLength(1);
  const other = ['FROM base:1-$TARGETARCHS', 'RUN echo $TARGETARCH'];
  expect(await found('arg-with-default', other, { build })).toStrictEqual([]);
  expect(await found('argument-unused', other, { build })).toHaveLength(1);
});

test('an argument that BuildKit does not set for a platform hides nothing', async () => {
  const build = { args: { VERSION: 'x', TARGETSTAGE: 'y' } };
  const lines = ['FROM a', 'ARG VERSION', 'ARG TARGETSTAGE'];
  expect(await found('arg-with-default', lines, { build })).toStrictEqual([]);
});

test('a step that is long is named by its beginning, on one line', async () => {
  const long = `COPY ${'file '.repeat(20)}\\`;
  const lines = ['FROM busybox', long, '   . /x'];
  const [said] = await brief(lines, { configuration: 'sea-trial.yml' });
  const named = `COPY ${'file '.repeat(20)}`.slice(0, 60);
  expect(said).toContain(
    `2 ${named} copies sea-trial.yml: whenever a test is edited, it is executed again.`,
  );
});

test.each<[string, Record<string, string>, readonly string[]]>([
  ['misspelt', { VERSOIN: '1' }, ['; did you mean "VERSION"?']],
  ['like none', { MIRROR: 'x' }, ['.']],
  ['declared in a stage, and before the first FROM', { VERSION: '1', BASE: 'x', LATER: 'y' }, []],
  [
    'taken by BuildKit itself',
    { SOURCE_DATE_EPOCH: '0', BUILDKIT_INLINE_CACHE: '1', https_proxy: 'x', NO_PROXY: 'y' },
    [],
  ],
])('a build argument that is %s', async (_, args, endings) => {
  const lines = ['ARG BASE=a', 'FROM $BASE', 'ARG VERSION=0', 'FROM b', 'ONBUILD ARG LATER'];
  const location = { file: 'sea-trial.yml', line: 2, column: 5 };
  const at = { file: 'sea-trial.yml', line: 5, column: 9 };
  const places = { args: new Map([['VERSOIN', at]]) };
  const all = await advice(lines, { build: { args }, image: { location }, places });
  expect(all).toEqual(
    endings.map((ending) =>
      expect.objectContaining({
        code: 'argument-unused',
        severity: 'warning',
        message: `No ARG of Dockerfile takes the build argument "${Object.keys(args)[0]}"${ending}`,
        // Of the image, where the place of the argument is not known: the inputs give it.
        location: 'VERSOIN' in args ? at : location,
        remedy: 'Correct the name, declare it with ARG, or remove it.',
      }),
    ),
  );
});

test.each(['TARGETARCH', 'TARGETSTAGE', 'BUILDPLATFORM'])(
  'of %s, which BuildKit sets, the advice is to remove it',
  async (name) => {
    const build = { args: { [name]: 'x' } };
    expect(await found('argument-unused', ['FROM a', 'ARG TARGETARCX'], { build })).toEqual([
      [
        ` No ARG of Dockerfile takes the build argument "${name}".`,
        `remove it from "args"; BuildKit sets ${name} itself where an ARG declares it`,
      ],
    ]);
  },
);

test('a file that another image reads is not judged', async () => {
  const lines = ['# syntax=acme/reader:1', 'FROM a', 'ARG TARGETARCH=amd64', 'COPY . .'];
  const more = { configuration: 'sea-trial.yml', build: { args: { A: 'b' } } };
  expect(await advice(lines, more)).toEqual([]);
});

test('a step that copies the configuration names what is executed again, and the line that helps', async () => {
  const lines = ['FROM busybox', 'WORKDIR /src', 'COPY . .', 'RUN sleep 5; date > /built'];
  const configuration = 'sea-trial.yml';
  expect(await advice(lines, { configuration })).toEqual([
    expect.objectContaining({
      code: 'configuration-copied',
      severity: 'note',
      subject: { image: 'greeter', path: 'sea-trial.yml' },
      message:
        'COPY . . copies sea-trial.yml: whenever a test is edited, it is executed again, and with it RUN sleep 5; date > /built. The line "sea-trial.yml" in .dockerignore leaves it out.',
      location: { file: 'Dockerfile', line: 3 },
    }),
  ]);
  expect(await advice(lines, { configuration, ignore: 'sea-trial.yml\n' })).toEqual([]);
  expect(await advice(lines)).toEqual([]);
});

const CONFIGURATION = { configuration: 'ci/sea-trial.yml', build: { context: 'ci' } };

test.each<[string, readonly string[], AdviceSources, readonly string[]]>([
  ['by a pattern', ['COPY *.yml /'], CONFIGURATION, ['COPY *.yml / copies ci/sea-trial.yml']],
  ['as JSON', ['COPY ["a b", ".", "/x"]'], CONFIGURATION, ['copies ci/sea-trial.yml']],
  ['with flags', ['COPY --link --chown=1:1 ./ /x'], CONFIGURATION, ['copies ci/sea-trial.yml']],
  ['by ADD', ['ADD . /x'], CONFIGURATION, ['copies ci/sea-trial.yml']],
  ['from a stage', ['COPY --from=other . .'], CONFIGURATION, []],
  ['without it', ['COPY src go.mod ./'], CONFIGURATION, []],
  ['with it left out', ['COPY --exclude=*.yml . .'], CONFIGURATION, []],
  ['written in place', ['COPY <<EOF /x', '.', 'EOF'], CONFIGURATION, []],
  [
    'from another context',
    ['COPY . .'],
    { configuration: 'ci/sea-trial.yml', build: { context: 'app' } },
    [],
  ],
])('what a step copies: %s', async (_, lines, sources, expected) => {
  const all = await brief(['FROM busybox', ...lines], sources);
  expect(all).toEqual(expected.map((words) => expect.stringContaining(words)));
});

test('three steps behind it are all named', async () => {
  const steps = ['RUN a', 'ADD b b', 'RUN c'];
  const [said] = await brief(['FROM x', 'COPY . .', ...steps], { configuration: 'sea-trial.yml' });
  expect(said).toContain('with it RUN a, ADD b b and RUN c.');
});

test('a step of a stage that is not needed copies no configuration', async () => {
  const lines = ['FROM a AS other', 'COPY . .', 'FROM b'];
  expect(await brief(lines, { configuration: 'sea-trial.yml' })).toStrictEqual([]);
});

test('many steps behind it are counted', async () => {
  const steps = ['RUN a', 'RUN b', 'COPY --from=x c c', 'ENV D=1', 'RUN e', 'RUN f'];
  const [said] = await brief(['FROM x', 'COPY . .', ...steps], { configuration: 'sea-trial.yml' });
  expect(said).toContain('with it RUN a, RUN b, COPY --from=x c c and 2 more.');
});

test('what a RUN uses of the platform without an ARG is a warning at that line', async () => {
  const lines = ['ARG TARGETARCH', 'FROM a AS build', 'RUN GOARCH=$TARGETARCH go build'];
  expect(await advice(lines)).toEqual([
    {
      code: 'argument-undeclared',
      severity: 'warning',
      subject: { image: 'greeter' },
      message:
        'RUN uses TARGETARCH, which no ARG above it in the stage "build" declares: it is empty there.',
      location: { file: 'Dockerfile', line: 3 },
      remedy: 'write ARG TARGETARCH above this line, in the stage "build"',
    },
  ]);
  expect(await found('argument-undeclared', ['FROM a', 'RUN echo $TARGETOS'])).toEqual([
    [
      '2 RUN uses TARGETOS, which no ARG above it in its stage declares: it is empty there.',
      'write ARG TARGETOS above this line, in its stage',
    ],
  ]);
});

test('a Dockerfile may have very many stages', async () => {
  const numbers = [...Array(4_000).keys()];
  const chain = numbers.map((at) => `FROM stage${at} AS stage${at + 1}`);
  expect(await advice(['FROM busybox AS stage0', ...chain])).toEqual([]);
});
