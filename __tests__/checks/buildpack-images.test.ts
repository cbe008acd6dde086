import { describe, expect, test } from '@jest/globals';
import { fileOrigin, runImageLayers } from '../../src/buildpacks/index.js';
import { CHECKS, check } from '../../src/checks/index.js';
import type { LayerFacts } from '../../src/contents/index.js';
import type { Finding } from '../../src/evidence/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import {
  appConfig,
  LABEL,
  LIFECYCLE,
  launcherFiles,
  metadata,
} from '../buildpacks/launcher-image.js';
import { elf, type File, inspected, layer } from './inspected.js';

/** What the checks say of an image from buildpacks for linux/arm64. */
function findingsOf(
  layers: readonly LayerFacts[],
  changes: Partial<ImageConfig> = {},
): readonly Finding[] {
  return check(CHECKS.image, inspected(layers, appConfig(changes), { fromBuildpacks: true }));
}

const whole = (...more: readonly File[]) => [layer([...launcherFiles('arm64'), ...more])];
const labels = (more: Readonly<Record<string, string>>) => new Map(Object.entries(more));

test('an image as the lifecycle makes it is right', () => {
  expect(findingsOf(whole())).toEqual([]);
});

describe('launcher-missing', () => {
  test.each<[string, ReadonlyMap<string, string>, string]>([
    ['a label is missing', labels(LIFECYCLE), `it has no label ${LABEL}`],
    [
      'a label cannot be read',
      labels({ [LABEL]: '{', ...LIFECYCLE }),
      `its label ${LABEL} is not a JSON object`,
    ],
  ])('%s', (_, changed, said) => {
    expect(findingsOf(whole(), { labels: changed })).toMatchObject([
      {
        code: 'launcher-missing',
        severity: 'error',
        message: `The image does not say how it was built: ${said}.`,
      },
    ]);
  });

  test('the launcher itself is not there', () => {
    const others = [{ path: 'cnb/process/web', program: elf('arm64') }];
    expect(findingsOf([layer(others)])).toStrictEqual([
      {
        code: 'launcher-missing',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/cnb/lifecycle/launcher' },
        message: 'The image has no launcher.',
        found: { value: 'no program', from: '1 layer' },
        expected: {
          value: '/cnb/lifecycle/launcher',
          from: 'every image that a lifecycle exports',
        },
        remedy:
          'Use a builder with an unchanged lifecycle, of a version that its makers still support.',
      },
    ]);
    expect(findingsOf([layer(others, ['cut off'])]).map(({ code }) => code)).toEqual([
      'layer-unread',
    ]);
  });

  test('nothing is said of an image from a Dockerfile', () => {
    const subject = inspected([layer([{ path: 'app', program: elf('arm64') }])]);
    expect(check(CHECKS.image, subject)).toEqual([]);
  });
});

describe('parity-differs: a launcher', () => {
  const builders = `sha256:${'e'.repeat(64)}`;
  const found = (launcher?: string, more: { location?: { file: string; line: number } } = {}) => {
    const expected = {
      ...more,
      buildpacks: ['heroku/python@0.25.0'],
      lifecycle: '0.21.17',
      runImage: { reference: 'r', digests: [], diffIds: [] },
      ...(launcher === undefined ? {} : { launcher }),
    };
    const subject = inspected(whole(), appConfig(), { fromBuildpacks: true, expected });
    return check(CHECKS.image, subject).filter(({ subject: { path } }) => path !== undefined);
  };

  test("that is the builder's, or of whose builder nothing is known, is right", () => {
    expect([found(), found(builders)]).toEqual([[], []]);
  });

  test('that is another is an error, whatever its label says', () => {
    const other = `sha256:${'0'.repeat(64)}`;
    const finding = {
      code: 'parity-differs',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64', path: '/cnb/lifecycle/launcher' },
      message:
        "The image is not what the lock has: its launcher is not the one of the builder's lifecycle.",
      found: { value: builders, from: 'layer 1 of 1' },
      expected: { value: other, from: 'the lifecycle 0.21.17 in the builder' },
      remedy: expect.any(String),
    };
    expect(found(other)).toStrictEqual([finding]);
    const location = { file: 'parity.lock', line: 3 };
    expect(found(other, { location })).toStrictEqual([{ ...finding, location }]);
  });
});

describe('arch-mismatch', () => {
  test.each<[string, readonly File[], string, RegExp]>([
    [
      'of the launcher',
      [...launcherFiles('amd64')],
      '/cnb/lifecycle/launcher',
      /^The builder put it there: use a builder whose lifecycle is made for linux\/arm64\.$/,
    ],
    [
      'of a shell from the run image',
      [...launcherFiles('arm64'), { path: 'bin/sh', program: elf('amd64') }],
      '/bin/sh',
      /^It comes from the run image/,
    ],
  ])('%s has a remedy for those who can do something', (_, files, path, remedy) => {
    const found = findingsOf([layer(files)]);
    expect(found).toMatchObject([
      { code: 'arch-mismatch', subject: { path }, remedy: expect.stringMatching(remedy) },
    ]);
    expect(found[0]?.location).toBeUndefined();
  });

  test('of files that nothing starts speaks of no stage', () => {
    const found = findingsOf(whole({ path: 'workspace/vendor/tool', program: elf('amd64') }));
    expect(found).toMatchObject([{ code: 'arch-mismatch', severity: 'warning' }]);
    expect(found[0]?.remedy).toMatch(/^Leave out what the image does not need/);
  });
});

test.each<[string, object]>([
  ['/cnb/lifecycle/launcher', { by: 'lifecycle' }],
  ['/layers/heroku_python/venv/bin/x', { by: 'buildpack', buildpack: 'heroku/python 0.25.0' }],
  ['/layers/else/x', { by: 'buildpack', buildpack: 'else' }],
  ['/workspace/x', { by: 'application' }],
  ['/workspaces/x', { by: 'run image' }],
  ['/usr/bin/x', { by: 'run image' }],
])('%s was put there', (path, origin) => {
  expect(fileOrigin(path, appConfig())).toEqual(origin);
});

test('what a buildpack installed for another platform is the buildpack’s', () => {
  const subject = inspected(
    whole({ path: 'layers/heroku_python/venv/bin/tool', program: elf('amd64') }),
    appConfig({ env: ['PATH=/layers/heroku_python/venv/bin'] }),
    { fromBuildpacks: true },
  );
  expect(check(CHECKS.image, subject)).toMatchObject([
    {
      code: 'arch-mismatch',
      severity: 'error',
      remedy:
        'The buildpack heroku/python 0.25.0 put it there: use a version of it that supports linux/arm64.',
    },
  ]);
});

test('the layers of the run image end with the one that the labels name', () => {
  const [one, two] = ['1', '3'].map((digit) => `sha256:${digit.repeat(64)}`);
  const config = appConfig({ diffIds: [two ?? '', one ?? '', two ?? ''] });
  expect(runImageLayers(config)).toBe(2);
  expect(runImageLayers({ ...config, diffIds: [two ?? ''] })).toBeUndefined();
  expect(runImageLayers({ ...config, labels: labels({ [LABEL]: metadata() }) })).toBeUndefined();
});

test('no-program: an image whose launcher has nothing to start by itself', () => {
  expect(findingsOf(whole(), { entrypoint: ['/cnb/lifecycle/launcher'] })).toMatchObject([
    {
      code: 'no-program',
      severity: 'warning',
      message: 'The image has no default process type.',
      remedy: expect.stringContaining('"process"'),
    },
  ]);
});

test('git-credentials and interpreter-missing speak of what a build with buildpacks has', () => {
  const found = findingsOf(
    [
      layer([
        ...launcherFiles('arm64'),
        { path: 'workspace/.git/config', credentials: ['http.extraheader'] },
        { path: 'cnb/process/x', program: elf('arm64') },
      ]),
      layer([{ path: 'opt/app', program: elf('arm64', { interpreter: '/lib/ld.so' }) }]),
    ],
    {
      entrypoint: ['/opt/app'],
      diffIds: [],
      labels: labels({ [LABEL]: metadata(), ...LIFECYCLE }),
    },
  );
  expect(found.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['interpreter-missing', expect.stringContaining('run image')],
    ['git-credentials', expect.stringContaining('project.toml')],
  ]);
});
