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

const ON_EVERY =
  'which would be of the build machine\'s platform on every platform; "native" is for stages that others copy from';

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
    `"golang:1.26" is what the image itself starts from (Dockerfile:3), ${ON_EVERY}`,
  ],
  [
    "['$${builder_image}']",
    ', target: tests',
    `"\${builder_image}" is what the image itself starts from (Dockerfile:3), ${ON_EVERY}`,
  ],
  ['[tools:1]', '', `"tools:1" is what the image itself starts from (Dockerfile:8), ${ON_EVERY}`],
  [
    '[golang:1.26]',
    ", context: 'https://a.example/b.git'",
    '"native" needs the Dockerfile, and the context is an address; check the repository out, and name its folder',
  ],
])('%s with %j is refused', async (native, more, message) => {
  expect(await problems(await project(native, more))).toStrictEqual([`4:79 ${message}`]);
});

test.each<[string, string]>([
  [
    'FROM golang:1.26 AS b-amd64\nFROM alpine AS b-arm64\nFROM b-${TARGETARCH}\n',
    'is what the image itself starts from (Dockerfile:1)',
  ],
  [
    'ARG S=built\nFROM golang:1.26 AS built\nFROM ${S#x}\n',
    '"native" needs to know what the image itself starts from, and FROM of Dockerfile:3 is known to the build alone',
  ],
  ...[
    'ARG W=${BUILDOS:+built}\nFROM golang:1.26 AS built\nFROM base AS other\nFROM ${W:-other}\n',
    'ARG W\nFROM golang:1.26 AS amd64\nFROM base AS other\nFROM ${BUILDARCH:-other}\n',
    'ARG W\nFROM golang:1.26 AS other\nFROM base AS xother\nFROM ${BUILDVARIANT-x}other\n',
    'ARG W\nFROM golang:1.26 AS default\nFROM base AS other\nFROM ${TARGETSTAGE:-other}\n',
    'ARG W=$BUILDOS\nFROM golang:1.26 AS linux\nFROM base AS other\nFROM ${W:-other}\n',
  ].map((text): [string, string] => [text, 'FROM of Dockerfile:4 is known to the build alone']),
])('the stage of %j is looked for on each platform, and has to be known', async (text, message) => {
  const found = await problems(await project('[golang:1.26]', '', text));
  expect(found).toEqual([expect.stringContaining(message)]);
});

const FOOL = (line: string, end = '') =>
  `FROM scratch AS a\n${line}\nFROM golang:1.26\nRUN make\n${end}`;

test.each([
  ['a quoted "<<"', FOOL('RUN echo "see <<EOF"', 'EOF')],
  ['an escaped "<<"', FOOL('RUN echo \\<<EOF', 'EOF')],
  ['a list in JSON', FOOL('RUN ["cat", "<<EOF"]', 'EOF')],
  ['two backslashes', FOOL('RUN echo a\\\\')],
])('the last stage behind %s is the image itself', async (_, text) => {
  const found = await problems(await project('[golang:1.26]', '', text));
  expect(found).toEqual([
    expect.stringContaining('"golang:1.26" is what the image itself starts from (Dockerfile:3)'),
  ]);
});

test('what a here-document holds is no stage', async () => {
  const text = 'FROM alpine\nRUN 3<<EOF cat <&3\nFROM golang:1.26\nEOF\n';
  expect(await problems(await project('[golang:1.26]', '', text))).toEqual([
    expect.stringContaining('no stage of "Dockerfile" starts from "golang:1.26"'),
  ]);
});

const COPIES = '\nFROM base\nCOPY --from=b /a /a\n';

test.each([
  ["FROM 'golang:1.26' AS b", '[golang:1.26]'],
  ['FROM golang:1.26 AS b', '[docker.io/library/golang:1.26]'],
  ['FROM index.docker.io/golang AS b', "['golang:latest']"],
  ['FROM --platform=${BUILDPLATFORM} golang:1.26 AS b', '[golang:1.26]'],
])('in %j, %s is found', async (from, native) => {
  expect(await problems(await project(native, '', from + COPIES))).toEqual([]);
});

test.each<[string, string, string]>([
  [
    'FROM --platform=linux/amd64 golang:1.26 AS b',
    '',
    '"golang:1.26" has a platform of its own in Dockerfile:1 (--platform=linux/amd64), which "native" does not change; write --platform=$BUILDPLATFORM there, or take "golang:1.26" out of "native"',
  ],
  ['FROM golang:1.26\nFROM --platform=$TARGETPLATFORM golang:1.26 AS b', '', 'Dockerfile:2'],
  [
    'FROM golang:1.26 AS b',
    ', additional_contexts: { B: docker-image://alpine }',
    'the stage "b" (Dockerfile:1) does not start from "golang:1.26": the context "b" of additional_contexts takes its place; take one of them out',
  ],
  [
    'ARG BUILDPLATFORM=linux/arm64\nFROM golang:1.26 AS b',
    '',
    '"native" writes --platform=$BUILDPLATFORM into "Dockerfile", and an argument sets BUILDPLATFORM to "linux/arm64"; take it out of "args" and of the ARG before the first FROM',
  ],
])('that it would do nothing for %j with %j is said', async (from, more, message) => {
  const found = await problems(await project('[golang:1.26]', more, from + COPIES));
  expect(found).toEqual([expect.stringContaining(message)]);
});

test('a context in the place of the image is of the build platform too', async () => {
  const more = ", additional_contexts: { 'golang:1.26': 'docker-image://golang:1.27' }";
  const root = await project('[golang:1.26]', more, `FROM golang:1.26 AS b${COPIES}`);
  expect(await problems(root)).toEqual([]);
});

test('placeholders are replaced on each platform', async () => {
  const text = 'ARG ARCH\nFROM go-${ARCH}:1 AS b\nFROM base\nCOPY --from=b /a /a\n';
  const { plan } = await planned(await project("['go-{arch}:1']", '', text));
  const builds = Object.values(plan.images[0]?.perPlatform ?? {});
  expect(builds).toEqual([
    expect.objectContaining({ native: ['go-amd64:1'] }),
    expect.objectContaining({ native: ['go-arm64:1'] }),
  ]);
});

test('a base that only one platform has is missed on the other', async () => {
  const found = await problems(await project("['base:amd64']", ', target: builder'));
  expect(found).toEqual([
    expect.stringContaining('starts from "base:amd64"; did you mean "base:arm64"?'),
  ]);
});

test('a Dockerfile of another syntax is not read for it', async () => {
  const root = await project('[golang:1.26]', '', `# syntax=acme/reader:1\n${DOCKERFILE}`);
  expect(await problems(root)).toStrictEqual([
    '4:79 "native" needs a Dockerfile that docker/dockerfile reads, and "Dockerfile" has another syntax',
  ]);
});

test('buildpacks have no stages', async () => {
  const text = 'images: [{ name: a/b, build: { native: [x], buildpack: heroku/builder:24 } }]';
  const root = await repository({ 'sea-trial.yml': text, Procfile: 'web: x\n' });
  expect(await problems(root)).toEqual([
    expect.stringContaining('buildpacks run on the platform that they build for'),
  ]);
});
