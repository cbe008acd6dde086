import { expect, test } from '@jest/globals';
import { type AdviceSources, advice, found } from './advice.js';

test('a name that is nearly that of a stage is a note at its line', async () => {
  const lines = ['FROM golang AS builder', 'FROM alpine', 'COPY --from=bulder /app /app'];
  expect(await advice(lines)).toEqual([
    {
      code: 'stage-misspelt',
      severity: 'note',
      subject: { image: 'greeter' },
      message:
        '"bulder" is no stage of Dockerfile, so that the build pulls an image of that name; did you mean the stage "builder"?',
      location: { file: 'Dockerfile', line: 3 },
      remedy: 'Correct the name if the stage is meant.',
    },
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['FROM', ['FROM golang AS builder', 'FROM Bulder'], ['2']],
  ['FROM, of five letters', ['FROM a AS tools', 'FROM toolz'], ['2']],
  ['RUN --mount', ['FROM a AS tools', 'FROM b', 'RUN --mount=from=tool,target=/t true'], ['3']],
  [
    'COPY --from, where it begins like it',
    ['FROM a AS builder', 'FROM b', 'COPY --from=build / /'],
    ['3'],
  ],
  [
    'COPY --from, where it goes on',
    ['FROM a AS build', 'FROM b', 'COPY --from=builder / /'],
    ['3'],
  ],
])('also in %s', async (_, lines, at) => {
  const all = await found('stage-misspelt', lines);
  expect(all.map(([message]) => message.split(' ')[0])).toEqual(at);
});

test.each<[string, readonly string[], AdviceSources?]>([
  ['a stage', ['FROM a AS Builder', 'FROM BUILDER', 'COPY --from=builder / /']],
  ['a number', ['FROM a AS a1', 'FROM scratch', 'COPY --from=0 / /']],
  ['an image of its own stage', ['FROM node AS nodes', 'FROM nodes']],
  ['an image of another stage with a tag', ['FROM alpine:3 AS alpine1', 'FROM alpine']],
  [
    'a short name behind --from that only begins alike',
    ['FROM a AS builder', 'FROM b', 'COPY --from=buil / /'],
  ],
  ['a short name', ['FROM alpine AS base', 'FROM bash']],
  ['a FROM that only begins alike', ['FROM a AS node', 'FROM nodejs-slim']],
  ['a reference with a tag', ['FROM node AS node20', 'FROM node:20', 'COPY --from=a/nodes / /']],
  ['a name like no other', ['FROM golang AS build', 'FROM scratch', 'COPY --from=alpine / /']],
  ['scratch', ['FROM a AS scratc', 'FROM scratch']],
  [
    'a context',
    ['FROM a AS tool', 'FROM tools', 'COPY --from=Tools / /'],
    { build: { contexts: { tools: 'ci' } } },
  ],
  ['a stage that is not needed', ['FROM a AS builder', 'FROM bulder', 'FROM scratch']],
])('nothing is said of %s', async (_, lines, sources = {}) => {
  expect(await found('stage-misspelt', lines, sources)).toEqual([]);
});
