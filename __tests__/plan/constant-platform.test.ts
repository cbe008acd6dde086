import { expect, test } from '@jest/globals';
import { type AdviceSources, advice, found } from './advice.js';

const ARM = { image: 'greeter', platform: 'linux/arm64' };

test('a base for one platform alone is a warning at its FROM, for the others', async () => {
  const lines = ['FROM golang AS tools', 'FROM --platform=linux/amd64 alpine:3'];
  expect(await advice(lines)).toEqual([
    {
      code: 'platform-constant',
      severity: 'warning',
      subject: ARM,
      message:
        'FROM --platform=linux/amd64 takes alpine:3 for linux/amd64, and the image for another platform starts from it.',
      location: { file: 'Dockerfile', line: 2 },
      remedy:
        'Leave --platform out of this FROM. A stage that only compiles may have --platform=$BUILDPLATFORM, if another one is built.',
    },
  ]);
});

test.each<[string, readonly string[], readonly string[], AdviceSources?]>([
  ['under the stage that is built', ['FROM --platform=amd64 a AS b', 'FROM b'], ['1']],
  [
    'whatever the FROM of the stage says',
    ['FROM --platform=amd64 a AS b', 'FROM --platform=arm64 b'],
    ['1'],
  ],
  ['by the default of an ARG', ['ARG PLATFORM=linux/amd64', 'FROM --platform=$PLATFORM a'], ['2']],
  ['for several platforms, once', ['FROM --platform=linux/s390x a'], ['1']],
  [
    'in the target',
    ['FROM --platform=linux/amd64 a AS b', 'FROM a'],
    ['1'],
    { build: { target: 'b' } },
  ],
])('also %s', async (_, lines, at, sources = {}) => {
  const all = await found('platform-constant', lines, sources);
  expect(all.map(([message]) => message.split(' ')[0])).toEqual(at);
});

test.each<[string, readonly string[], AdviceSources?]>([
  ['the only platform', ['FROM --platform=linux/amd64 a'], { platforms: ['linux/amd64'] }],
  ['another name of it', ['FROM --platform=linux/x86_64 a'], { platforms: ['linux/amd64'] }],
  ['another variant', ['FROM --platform=linux/arm/v6 a'], { platforms: ['linux/arm/v7'] }],
  ['the platform of the build', ['FROM --platform=$TARGETPLATFORM a']],
  ['its parts', ['FROM --platform=linux/$TARGETARCH a']],
  ['the platform of the builder', ['FROM --platform=$BUILDPLATFORM a']],
  [
    'a stage that is copied from',
    ['FROM --platform=linux/amd64 a AS b', 'FROM a', 'COPY --from=b / /'],
  ],
  ['the FROM of a stage', ['FROM a AS b', 'FROM --platform=linux/amd64 b']],
  ['scratch', ['FROM --platform=linux/amd64 scratch']],
  ['an ARG without a value', ['ARG PLATFORM', 'FROM --platform=$PLATFORM a']],
  ['no platform at all', ['FROM --platform=toaster a']],
  [
    'a context in its place',
    ['FROM --platform=linux/amd64 a'],
    { build: { contexts: { a: 'ci' } } },
  ],
  [
    'a context in the place of the stage',
    ['FROM --platform=linux/amd64 a AS b', 'FROM b'],
    { build: { contexts: { b: 'ci' } } },
  ],
  ['a base that only the build knows', ['ARG BASE', 'FROM --platform=linux/amd64 $BASE']],
])('nothing is said of %s', async (_, lines, sources = {}) => {
  expect(await found('platform-constant', lines, sources)).toEqual([]);
});
