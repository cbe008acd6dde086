import { describe, expect, test } from '@jest/globals';
import type { ExpectedBuild } from '../../src/buildpacks/index.js';
import { launcherDiffers } from '../../src/checks/launcher-differs.js';
import { parityDiffers } from '../../src/checks/parity-differs.js';
import { elf, inspected, layer } from './inspected.js';

const digest = `sha256:${'3'.repeat(64)}`;
const index = `sha256:${'d'.repeat(64)}`;
const location = { file: 'sea-trial.lock', line: 7 };

const EXPECTED: ExpectedBuild = {
  location,
  buildpacks: ['heroku/python@0.25.0', 'heroku/procfile@4.0.0', 'heroku/deb-packages@0.2.0'],
  lifecycle: '0.20.7',
  runImage: { reference: 'heroku/heroku:24', digests: [digest, index], diffIds: ['sha256:base'] },
  distribution: 'ubuntu 24.04',
  process: 'web',
};

interface Labelled {
  readonly build?: unknown;
  readonly lifecycle?: unknown;
  readonly distribution?: string;
  readonly entrypoint?: readonly string[];
  readonly layers?: readonly string[];
}

/** What the lifecycle writes, in what is given otherwise. */
function labels({ build, lifecycle, distribution = '24.04' }: Labelled): Map<string, string> {
  const all = {
    'io.buildpacks.build.metadata': build ?? {
      buildpacks: [
        { id: 'heroku/python', version: '0.25.0', api: '0.10' },
        { id: 'heroku/procfile', version: '4.0.0', api: '0.10' },
      ],
      launcher: { version: '0.20.7' },
      processes: [{ type: 'web' }],
    },
    'io.buildpacks.lifecycle.metadata': lifecycle ?? {
      runImage: { image: 'heroku/heroku:24', reference: `heroku/heroku@${digest}` },
      'exec-env': 'production',
    },
  };
  return new Map([
    ...Object.entries(all).map(
      ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
    ['io.buildpacks.base.distro.name', 'ubuntu'],
    ['io.buildpacks.base.distro.version', distribution],
  ]);
}

function differences(given: Labelled, expected: ExpectedBuild | undefined = EXPECTED) {
  const { entrypoint = ['/cnb/process/web'] } = given;
  const { layers = ['sha256:base', 'sha256:app'] } = given;
  const changes = { labels: labels(given), entrypoint, diffIds: layers };
  const image = inspected([], changes, { expected });
  return parityDiffers(image).map(({ message }) =>
    message.replace('The image is not what the lock has: ', ''),
  );
}

describe('an image from buildpacks', () => {
  test('that was built as its lock has it has no difference', () => {
    expect(differences({})).toEqual([]);
  });

  test('is compared only where there is a lock', () => {
    const image = inspected([], { labels: new Map() });
    expect(parityDiffers(image)).toEqual([]);
  });

  test('may stand on the digest of the index, and be built by what the deployment adds', () => {
    const given = {
      build: {
        buildpacks: [{ id: 'heroku/deb-packages', version: '0.2.0' }],
        launcher: { version: '0.20.7' },
      },
      lifecycle: { runImage: { reference: `heroku/heroku@${index}` } },
    };
    expect(differences(given)).toEqual([]);
  });

  test.each([[['sha256:other', 'sha256:app']], [[]]])(
    'that does not stand on the layers of the run image that its labels name is another: %j',
    (layers) => {
      expect(differences({ layers })).toEqual([
        'its lowest layers are not those of heroku/heroku:24, which its labels name.',
      ]);
    },
  );

  test('of which the labels name no buildpack is not what any lock has', () => {
    const build = { buildpacks: [], launcher: { version: '0.20.7' } };
    expect(differences({ build })).toEqual([
      'its labels name no buildpack that took part in the build.',
    ]);
  });

  test.each<[string, Labelled, string]>([
    [
      'another version of a buildpack',
      {
        build: {
          buildpacks: [{ id: 'heroku/python', version: '6.4.0' }],
          launcher: { version: '0.20.7' },
        },
      },
      'heroku/python 6.4.0 took part in the build; the locked builder has 0.25.0.',
    ],
    [
      'a buildpack that is not in the builder',
      {
        build: { buildpacks: [{ id: 'acme/x', version: '1' }], launcher: { version: '0.20.7' } },
      },
      'acme/x 1 took part in the build; the locked builder does not have it.',
    ],
    [
      'another lifecycle',
      { build: { buildpacks: [], launcher: { version: '0.21.8' } } },
      'its launcher is of the lifecycle 0.21.8; the locked builder has 0.20.7.',
    ],
    [
      'a lifecycle that is not named',
      { build: { buildpacks: [] } },
      'its launcher is of the lifecycle (not named); the locked builder has 0.20.7.',
    ],
    [
      'another run image',
      { lifecycle: { runImage: { reference: `heroku/heroku@sha256:${'9'.repeat(64)}` } } },
      `it stands on heroku/heroku@sha256:${'9'.repeat(64)}; the lock has heroku/heroku:24, which is ${digest} there.`,
    ],
    [
      'a run image that is not named',
      { lifecycle: {} },
      `it stands on a run image that its labels do not name; the lock has heroku/heroku:24, which is ${digest} there.`,
    ],
    [
      'another distribution',
      { distribution: '22.04' },
      'its distribution is ubuntu 22.04; that of the locked builder is ubuntu 24.04.',
    ],
    [
      'another process type',
      { entrypoint: ['/cnb/process/worker'] },
      'it starts the process type worker; the lock has web.',
    ],
    [
      'no process type',
      { entrypoint: ['/cnb/lifecycle/launcher'] },
      'it starts no process type; the lock has web.',
    ],
    [
      'a build for tests',
      {
        lifecycle: {
          runImage: { reference: `heroku/heroku@${digest}` },
          'exec-env': 'test',
        },
      },
      'it was built for the execution environment test, not for production.',
    ],
    [
      'labels that are no JSON',
      { build: '{' },
      'its label io.buildpacks.build.metadata is not a JSON object.',
    ],
    [
      'labels of another form',
      { build: { buildpacks: [{ id: 7 }], launcher: { version: 8 } } },
      'label io.buildpacks.build.metadata, buildpacks: "id" is not a string.',
    ],
  ])('has a finding for %s', (_, given, message) => {
    expect(differences(given)).toContain(message);
  });

  test('without labels has one for each, at the line of the lock', () => {
    const image = inspected([], { labels: new Map() }, { expected: EXPECTED });
    expect(parityDiffers(image)).toMatchObject([
      { code: 'parity-differs', severity: 'error', location, subject: { platform: 'linux/arm64' } },
      { message: expect.stringContaining('no label io.buildpacks.lifecycle.metadata') },
    ]);
  });
});

describe('the launcher of an image from buildpacks', () => {
  const own = `sha256:${'e'.repeat(64)}`;
  const path = '/cnb/lifecycle/launcher';
  const launcher = elf('arm64');

  function found(program: ReturnType<typeof elf>, expected: string | undefined) {
    const image = inspected(
      [layer([{ path: path.slice(1), program }])],
      {},
      { expected: { ...EXPECTED, ...(expected !== undefined && { launcher: expected }) } },
    );
    return launcherDiffers(image);
  }

  test("is that of the builder's lifecycle, where that is known", () => {
    expect(found(launcher, own)).toEqual([]);
    expect(found(launcher, undefined)).toEqual([]);
    expect(
      launcherDiffers(inspected([], {}, { expected: { ...EXPECTED, launcher: own } })),
    ).toEqual([]);
  });

  test.each([
    ['is another one', launcher, own],
    ['cannot be read', { ...launcher, digest: undefined }, 'a file that cannot be read'],
  ] as const)('is a finding at the line of the lock where it %s', (_, program, value) => {
    expect(found(program as typeof launcher, digest)).toMatchObject([
      {
        code: 'parity-differs',
        subject: { image: 'greeter', platform: 'linux/arm64', path },
        message:
          "The image is not what the lock has: its launcher is not the one of the builder's lifecycle.",
        found: { value, from: 'layer 1 of 1, COPY base /' },
        expected: { value: digest, from: 'the lifecycle 0.20.7 in the builder' },
        location,
      },
    ]);
  });
});
