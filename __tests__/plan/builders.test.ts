import { expect, test } from '@jest/globals';
import type { Request } from '../../src/config/index.js';
import { builtBy } from '../../src/evidence/index.js';
import { builderLocations, builderProblems } from '../../src/plan/builders.js';
import { load, request } from '../config/memory.js';

const APPLICATION = '{ name: acme/web, build: { buildpack: b/b } }';
const NEW: Request['newBuilder'] = {
  driverOptions: [],
  nodes: [],
  keepState: false,
  cleanup: true,
};

async function said(images: string, more: Partial<Request>) {
  const config = await load(`images: [${images}]`);
  return builderProblems(config.images, request(more));
}

const WHOSE = "which is buildx's, and no image is built from a Dockerfile; a builder of buildpacks";

test.each<[Partial<Request>, object]>([
  [
    { builder: 'big' },
    { message: `the builder "big" is named, ${WHOSE} is named by "builder" under "buildpack"` },
  ],
  [
    { newBuilder: NEW },
    { message: `a builder is described, ${WHOSE} is named by "builder" under "buildpack"` },
  ],
  [
    { builder: 'big', newBuilder: NEW, from: 'inputs' },
    {
      file: 'input "builder"',
      message: `the builder "big" is named, ${WHOSE} is named by the input builder-image`,
    },
  ],
])('a builder of buildx has nothing to do where buildpacks build: %j', async (more, problem) => {
  expect(await said(APPLICATION, more)).toStrictEqual([problem]);
});

test.each<[string, string, Partial<Request>]>([
  ['none is asked for', APPLICATION, {}],
  ['there is no image', '', { builder: 'big' }],
  ['one image is built from a Dockerfile', `${APPLICATION}, { name: a/b }`, { builder: 'big' }],
])('nothing is said where %s', async (_, images, more) => {
  expect(await said(images, more)).toStrictEqual([]);
});

test('where a builder of buildpacks is named is known of those that a file names', async () => {
  const file = 'sea-trial.yml';
  const { images } = await load(`images: [${APPLICATION}]`);
  const applications = builtBy(images, 'buildpack');
  expect([...builderLocations(applications)]).toStrictEqual([
    ['web', { file, line: 1, column: 48 }],
  ]);
  const ofInputs = applications.map((image) => {
    const builder = { value: 'b/b', at: { file: 'input "builder-image"' } };
    return { ...image, build: { ...image.build, builder } };
  });
  expect([...builderLocations(ofInputs)]).toStrictEqual([]);
});
