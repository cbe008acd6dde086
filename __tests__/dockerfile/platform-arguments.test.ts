import { expect, test } from '@jest/globals';
import { declaredArguments, hiddenValues } from '../../src/dockerfile/index.js';

function hidden(lines: readonly string[], platform = 'linux/arm64', args = {}, target?: string) {
  const building = { args, contexts: [], ...(target === undefined ? {} : { target }) };
  return hiddenValues(lines.join('\n'), building, platform).map(
    ({ name, value, line }) => `${line} ${name}=${value}`,
  );
}

test.each<[string, readonly string[], readonly string[]]>([
  ['in a stage', ['FROM a', 'ARG TARGETARCH=amd64'], ['2 TARGETARCH=amd64']],
  ['before the first FROM', ['ARG TARGETARCH=amd64', 'FROM a'], ['1 TARGETARCH=amd64']],
  [
    'that a stage inherits, once',
    ['ARG TARGETARCH=amd64', 'FROM a', 'ARG TARGETARCH'],
    ['1 TARGETARCH=amd64'],
  ],
  [
    'several in one instruction',
    ['FROM a', 'ARG A=1 TARGETPLATFORM=linux/amd64 TARGETVARIANT=v7'],
    ['2 TARGETPLATFORM=linux/amd64', '2 TARGETVARIANT=v7'],
  ],
  [
    'by another argument',
    ['FROM a', 'ARG ARCH=amd64', 'ARG TARGETARCH=$ARCH'],
    ['3 TARGETARCH=amd64'],
  ],
  ['in quotes', ['FROM a', 'ARG TARGETARCH="amd64"'], ['2 TARGETARCH=amd64']],
  [
    'with an own value that is not known there yet',
    ['FROM a', `ARG TARGETARCH=\${TARGETARCH:-amd64}`],
    ['2 TARGETARCH=amd64'],
  ],
  [
    'in a stage that is copied from',
    ['FROM a AS b', 'ARG TARGETARCH=x', 'FROM c', 'COPY --from=b / /'],
    ['2 TARGETARCH=x'],
  ],
  [
    'in a stage that is mounted',
    ['FROM a AS b', 'ARG TARGETARCH=x', 'FROM c', 'RUN --mount=from=b,target=/b true'],
    ['2 TARGETARCH=x'],
  ],
])('a default hides the platform: %s', (_, lines, expected) => {
  expect(hidden(lines)).toEqual(expected);
});

test.each<[string, readonly string[]]>([
  ['no default', ['ARG TARGETARCH', 'FROM a', 'ARG TARGETARCH TARGETOS']],
  ['the value of the platform', ['FROM a', 'ARG TARGETOS=linux', 'ARG TARGETARCH=arm64']],
  ['a stage that is not built', ['FROM a AS b', 'ARG TARGETARCH=amd64', 'FROM c']],
  ['a value that only the build knows', ['FROM a', 'ARG TARGETARCH=$BUILDARCH']],
  ['its own value before the first FROM', [`ARG TARGETARCH=\${TARGETARCH:-amd64}`, 'FROM a']],
  ['another name', ['FROM a', 'ARG BUILDARCH=amd64', 'ARG ARCH=amd64']],
  ['what is no ARG', ['FROM a', 'ENV TARGETARCH=amd64', 'RUN TARGETARCH=amd64 make']],
  [
    'a RUN that mounts nothing',
    ['FROM a AS b', 'ARG TARGETARCH=x', 'FROM c', 'RUN --network=none,from=b x'],
  ],
])('nothing is hidden by %s', (_, lines) => {
  expect(hidden(lines)).toEqual([]);
});

test('a stage is copied from by its number, counted from 0', () => {
  const stages = Array.from({ length: 11 }, (_, at) => [`FROM a${at}`, `ARG TARGETARCH=${at}`]);
  const copying = (from: string) => hidden([...stages.flat(), 'FROM b', `COPY --from=${from} / /`]);
  expect(copying('10')).toEqual(['22 TARGETARCH=10']);
  expect(copying('0')).toEqual(['2 TARGETARCH=0']);
  expect(copying('a1')).toEqual([]);
});

test('an argument of the build comes before the default, and a target chooses the stage', () => {
  const lines = ['FROM a AS b', 'ARG TARGETARCH=amd64', 'FROM c'];
  expect(hidden(lines, 'linux/arm64', {}, 'b')).toEqual(['2 TARGETARCH=amd64']);
  expect(hidden(lines, 'linux/arm64', { TARGETARCH: 'arm64' }, 'b')).toEqual([]);
  expect(hidden(lines, 'linux/amd64', {}, 'b')).toEqual([]);
});

test('an empty default hides a variant', () => {
  const lines = ['FROM a', 'ARG TARGETVARIANT='];
  expect(hidden(lines, 'linux/arm/v7')).toEqual(['2 TARGETVARIANT=']);
  expect(hidden(lines, 'linux/amd64')).toEqual([]);
});

test('all arguments that are declared somewhere', () => {
  const text = [
    'ARG A=1',
    'FROM a',
    'ARG B C="2 3" \\',
    '  D',
    'ONBUILD ARG E',
    'RUN echo "see <<EOF"',
    'arg F=g',
  ].join('\n');
  const names = declaredArguments(text);
  expect(['A', 'B', 'C', 'D', 'E', 'F'].filter((name) => !names.has(name))).toEqual([]);
  expect([...names]).not.toContain('echo');
});
