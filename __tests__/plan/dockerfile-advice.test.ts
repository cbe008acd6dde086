import { expect, test } from '@jest/globals';
import type { PlannedImage } from '../../src/evidence/index.js';
import { adviceOnDockerfile } from '../../src/plan/dockerfile-advice.js';
import { plannedBuild, plannedImage } from '../plans.js';

interface Sources {
  readonly build?: Parameters<typeof plannedBuild>[0];
  readonly platforms?: readonly string[];
  readonly ignore?: string;
  readonly configuration?: string;
}

function advice(lines: readonly string[], sources: Sources = {}) {
  const { platforms = ['linux/amd64', 'linux/arm64'], ignore = '', configuration } = sources;
  const build = plannedBuild({ args: {}, ...sources.build });
  const image = { ...plannedImage({ id: 'greeter', platforms }), build } as PlannedImage & {
    readonly build: typeof build;
  };
  return adviceOnDockerfile({
    image,
    text: lines.join('\n'),
    ignore: { file: '.dockerignore', text: ignore },
    configuration,
  });
}

const brief = (...asked: Parameters<typeof advice>) =>
  advice(...asked).map(({ message, location }) => `${location?.line ?? ''} ${message}`);

test('a default that hides the platform is a warning at its line, with what to write', () => {
  const lines = ['FROM golang AS build', 'ARG TARGETOS=linux', 'ARG TARGETARCH=amd64'];
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
  expect(advice(lines, { platforms })).toEqual([
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
  expect(advice(lines, { platforms: ['linux/amd64'] })).toEqual([]);
  expect(advice(lines, { build: { args: { TARGETARCH: 'amd64' } } })).toEqual([]);
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
])('a build argument that is %s', (_, args, endings) => {
  const lines = ['ARG BASE', 'FROM $BASE', 'ARG VERSION=0', 'FROM b', 'ONBUILD ARG LATER'];
  const location = { file: 'sea-trial.yml', line: 2, column: 5 };
  const found = advice(lines, { build: { args } });
  expect(found).toEqual(
    endings.map((ending) =>
      expect.objectContaining({
        code: 'argument-unused',
        severity: 'warning',
        message: `No ARG of Dockerfile takes the build argument "${Object.keys(args)[0]}"${ending}`,
      }),
    ),
  );
  for (const one of found) expect(one.location ?? location).toEqual(location);
});

test('a file that another image reads is not judged', () => {
  const lines = ['# syntax=acme/reader:1', 'FROM a', 'ARG TARGETARCH=amd64', 'COPY . .'];
  const more = { configuration: 'sea-trial.yml', build: { args: { A: 'b' } } };
  expect(advice(lines, more)).toEqual([]);
});

test('a step that copies the configuration names what is executed again, and the line that helps', () => {
  const lines = ['FROM busybox', 'WORKDIR /src', 'COPY . .', 'RUN sleep 5; date > /built'];
  const configuration = 'sea-trial.yml';
  expect(advice(lines, { configuration })).toEqual([
    expect.objectContaining({
      code: 'configuration-copied',
      severity: 'note',
      subject: { image: 'greeter', path: 'sea-trial.yml' },
      message:
        'COPY . . copies sea-trial.yml: whenever a test is edited, it is executed again, and with it RUN sleep 5; date > /built. The line "sea-trial.yml" in .dockerignore leaves it out.',
      location: { file: 'Dockerfile', line: 3 },
    }),
  ]);
  expect(advice(lines, { configuration, ignore: 'sea-trial.yml\n' })).toEqual([]);
  expect(advice(lines)).toEqual([]);
});

const CONFIGURATION = { configuration: 'ci/sea-trial.yml', build: { context: 'ci' } };

test.each<[string, readonly string[], Sources, readonly string[]]>([
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
])('what a step copies: %s', (_, lines, sources, expected) => {
  const found = brief(['FROM busybox', ...lines], sources);
  expect(found).toEqual(expected.map((words) => expect.stringContaining(words)));
});

test('many steps behind it are counted', () => {
  const steps = ['RUN a', 'RUN b', 'COPY --from=x c c', 'ENV D=1', 'RUN e', 'RUN f'];
  const [said] = brief(['FROM x', 'COPY . .', ...steps], { configuration: 'sea-trial.yml' });
  expect(said).toContain('with it RUN a, RUN b, COPY --from=x c c and 2 more.');
});
