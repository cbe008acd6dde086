// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { afterEach, expect, test } from '@jest/globals';
import { fromDockerfile } from '../plans.js';
import { planned, problems, removeFolders, repository } from './repository.js';

afterEach(removeFolders);

const DOCKERFILE = [
  'ARG builder_image',
  'ARG ARCH',
  'FROM ${builder_image} AS builder',
  'RUN make',
  'FROM builder AS tests',
  'FROM base:${ARCH}',
  'COPY --from=builder /a /a',
  'FROM tools:1 AS unused',
  '',
].join('\n');

function yaml(native: string, more = ''): string {
  return `images:
  - name: ghcr.io/acme/manager
    platforms: [linux/amd64, linux/arm64]
    build: { args: { builder_image: 'golang:1.26', ARCH: '{arch}' }, native: ${native}${more} }
`;
}

const project = (native: string, more = '', dockerfile = DOCKERFILE) =>
  repository({ Dockerfile: dockerfile, 'sea-trial.yml': yaml(native, more) });

test.each(["'$${builder_image}'", '[golang:1.26]'])(
  '%s is a base of a stage that is copied from',
  async (native) => {
    const root = await project(native, '', DOCKERFILE.replace('FROM tools:1 AS unused\n', ''));
    const { plan } = await planned(root);
    expect(plan.images.map(({ build }) => fromDockerfile(build).native)).toEqual([
      [native.includes('$') ? '${builder_image}' : 'golang:1.26'],
    ]);
  },
);

test('without it a plan says nothing of it', async () => {
  const { plan } = await planned(await project('[]'));
  expect(Object.keys(plan.images[0]?.build ?? {})).not.toContain('native');
});

test.each<[string, string, string]>([
  [
    '[golang:1.25]',
    '',
    'no stage of "Dockerfile" starts from "golang:1.25"; did you mean "golang:1.26"?',
  ],
  [
    '[builder]',
    '',
    'no stage of "Dockerfile" starts from "builder"; they start from: ${builder_image}, base:${ARCH}, tools:1',
  ],
  [
    '[golang:1.26]',
    ', target: builder',
    '"golang:1.26" is what the image itself starts from (Dockerfile:3)',
  ],
  [
    "['$${builder_image}']",
    ', target: tests',
    '"${builder_image}" is what the image itself starts from (Dockerfile:3)',
  ],
  ['[tools:1]', '', '"tools:1" is what the image itself starts from (Dockerfile:8)'],
  [
    '[golang:1.26]',
    ", context: 'https://a.example/b.git'",
    '"native" needs the Dockerfile, and the context is an address',
  ],
])('%s with %j is refused', async (native, more, message) => {
  expect(await problems(await project(native, more))).toEqual([expect.stringContaining(message)]);
});

test.each<[string, string]>([
  [
    'FROM golang:1.26 AS b-amd64\nFROM alpine AS b-arm64\nFROM b-${TARGETARCH}\n',
    'is what the image itself starts from (Dockerfile:1)',
  ],
  [
    'ARG S=built\nFROM golang:1.26 AS built\nFROM ${S#x}\n',
    'FROM of Dockerfile:3 is known to the build alone',
  ],
])('the stage of %j is looked for on each platform, and has to be known', async (text, message) => {
  const found = await problems(await project('[golang:1.26]', '', text));
  expect(found).toEqual([expect.stringContaining(message)]);
});

test('a base that only one platform has is missed on the other', async () => {
  const found = await problems(await project("['base:amd64']", ', target: builder'));
  expect(found).toEqual([
    expect.stringContaining('starts from "base:amd64"; did you mean "base:arm64"?'),
  ]);
});

test('a Dockerfile of another syntax is not read for it', async () => {
  const root = await project('[golang:1.26]', '', `# syntax=acme/reader:1\n${DOCKERFILE}`);
  expect(await problems(root)).toEqual([expect.stringContaining('has another syntax')]);
});

test('buildpacks have no stages', async () => {
  const text = 'images: [{ name: a/b, build: { native: [x], buildpack: heroku/builder:24 } }]';
  const root = await repository({ 'sea-trial.yml': text, Procfile: 'web: x\n' });
  expect(await problems(root)).toEqual([
    expect.stringContaining('buildpacks run on the platform that they build for'),
  ]);
});
