import { expect, test } from '@jest/globals';
import { plannedTest } from '../plans.js';
import { type AdviceSources, advice, found } from './advice.js';

const location = { file: 'sea-trial.yml', line: 9 };
const speaks = plannedTest({ name: 'speaks', run: { shell: 'app | grep hello' }, location });
const image = { tests: [speaks, plannedTest({ name: 'runs', run: { exec: ['/app'] } })] };
const BUILD = ['FROM golang AS build', 'RUN go build -o /app'];

test('a test that is a text, of an image on scratch without a shell, is a note at the test', async () => {
  const lines = [...BUILD, 'FROM scratch', 'COPY --from=build /app /app', 'CMD ["/app"]'];
  expect(await advice(lines, { image })).toEqual([
    {
      code: 'no-shell',
      severity: 'note',
      subject: { image: 'greeter', test: 'speaks' },
      message:
        'Test "speaks" is written as text, which /bin/sh of the image runs; Dockerfile starts from scratch and puts no shell there.',
      location,
      remedy: 'Write the test as a list: the program and its arguments.',
    },
  ]);
});

test.each<[string, readonly string[]]>([
  ['into a folder', ['WORKDIR /srv', 'COPY . .', 'ADD x ./y']],
  ['beside it', ['COPY --from=build /app /bin/app', 'COPY a /bin/shell', 'COPY b /usr/bin/sh']],
  ['nothing', []],
])('what is copied and is no shell: %s', async (_, lines) => {
  const all = await found('no-shell', [...BUILD, 'FROM scratch', ...lines], { image });
  expect(all).toHaveLength(1);
});

test.each<[string, readonly string[], AdviceSources?]>([
  ['everything', ['COPY --from=build / /']],
  ['to the root, relative to it', ['COPY --from=build /out .']],
  ['programs', ['COPY --from=build /bin/ /bin/']],
  ['the shell itself', ['COPY --from=build /bin/busybox /bin/sh']],
  ['from a folder below', ['WORKDIR /bin', 'COPY busybox ./']],
  ['to a place that a variable names', ['ARG TO=/', 'COPY x $TO']],
  ['in a folder that a variable names', ['ARG IN=/bin', 'WORKDIR $IN', 'COPY x sh']],
  ['what is written in place', ['COPY <<EOF /bin/sh', 'x', 'EOF']],
  ['by a program of its own', ['COPY --from=build /app /app', 'RUN ["/app", "install"]']],
  ['by what a later stage asks for', ['COPY x /x', 'ONBUILD COPY / /']],
])('what may bring a shell: %s', async (_, lines) => {
  const all = await found('no-shell', [...BUILD, 'FROM scratch', ...lines], { image });
  expect(all).toEqual([]);
});

test.each<[string, AdviceSources & { readonly lines?: readonly string[] }]>([
  ['starts from an image', { image, lines: ['FROM busybox'] }],
  ['may start from a context', { image, build: { contexts: { scratch: 'docker-image://a' } } }],
  [
    'has a test that brings one',
    { image: { tests: [{ ...speaks, mounts: [{ source: 'b', target: '/bin' }] }] } },
  ],
  ['has a test of the host', { image: { tests: [{ ...speaks, kind: 'host' }] } }],
  [
    'has a test for another platform',
    { image: { tests: [{ ...speaks, platforms: ['linux/386'] }] } },
  ],
])('nothing is said of an image that %s', async (_, { lines = ['FROM scratch'], ...sources }) => {
  expect(await found('no-shell', lines, sources)).toEqual([]);
});
