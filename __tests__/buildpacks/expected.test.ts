import { expect, test } from '@jest/globals';
import { expectedBuild, foreignBuildpacks } from '../../src/buildpacks/index.js';
import { resolvedBuilder } from './builders.js';

const [on] = resolvedBuilder(
  'acme/builder:1',
  [
    { id: 'acme/python', version: '1.2.3' },
    { id: 'acme/go', version: '2.0.0' },
  ],
  ['linux/amd64'],
).platforms;
if (on === undefined) throw new Error('there is no platform');

const runImage = {
  reference: 'acme/run:1',
  indexDigest: 'sha256:i',
  platform: 'linux/amd64',
  digest: 'sha256:m',
  diffIds: ['sha256:1', 'sha256:2'],
};

test('a build has to say what its builder, its run image and its lock say', () => {
  const base = {
    lifecycle: '0.21.17',
    runImage: {
      reference: 'acme/run:1',
      digests: ['sha256:m', 'sha256:i'],
      diffIds: ['sha256:1', 'sha256:2'],
    },
  };
  const own = ['acme/python@1.2.3', 'acme/go@2.0.0'];
  expect(expectedBuild(on, runImage, { injected: [] })).toStrictEqual({ buildpacks: own, ...base });
  const location = { file: 'sea-trial.lock', line: 3, column: 1 };
  expect(
    expectedBuild({ ...on, distribution: 'ubuntu 24.04' }, runImage, {
      injected: ['acme/apt@1'],
      process: 'web',
      location,
    }),
  ).toStrictEqual({
    buildpacks: [...own, 'acme/apt@1'],
    ...base,
    distribution: 'ubuntu 24.04',
    process: 'web',
    location,
  });
});

test('the buildpacks that are brought to a builder are those that are not its own, in their order', () => {
  expect(
    foreignBuildpacks({
      buildpacks: ['from=builder', './apt', 'acme/python', 'urn:cnb:builder:acme/go@2.0.0'],
      preBuildpacks: ['docker://acme/before'],
      postBuildpacks: ['https://example.org/a.tgz', 'urn:cnb:registry:acme/procfile@1'],
    }),
  ).toStrictEqual([
    'docker://acme/before',
    './apt',
    'https://example.org/a.tgz',
    'urn:cnb:registry:acme/procfile@1',
  ]);
  expect(
    foreignBuildpacks({ buildpacks: [], preBuildpacks: [], postBuildpacks: [] }),
  ).toStrictEqual([]);
});
