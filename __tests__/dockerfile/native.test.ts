// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  changedBuildPlatform,
  imageStages,
  stagesOf,
  withNativeStages,
} from '../../src/dockerfile/index.js';

const SHAPE = [
  '# syntax=docker/dockerfile:1.4',
  'ARG builder_image',
  'ARG ARCH',
  'FROM ${builder_image} as builder',
  'RUN go build',
  'FROM gcr.io/distroless/static:nonroot-${ARCH}',
  'COPY --from=builder /manager .',
  '',
].join('\n');

const ARGS = { builder_image: 'golang:1.26', ARCH: 'arm64' };

const building = (args: Readonly<Record<string, string>> = {}, contexts: string[] = []) => ({
  args,
  contexts,
});

/** The same as text, byte by byte. */
function changedText(text: string, images: readonly string[], args = {}): string {
  return withNativeStages(Buffer.from(text, 'latin1'), building(args), images).toString('latin1');
}

const startingImages = (text: string, args = {}) =>
  imageStages(text, building(args)).map(({ written, resolved }) => ({ written, resolved }));

test('images that stages start from, as they are written and as they are', () => {
  expect(startingImages(SHAPE, ARGS)).toEqual([
    { written: '${builder_image}', resolved: 'golang:1.26' },
    {
      written: 'gcr.io/distroless/static:nonroot-${ARCH}',
      resolved: 'gcr.io/distroless/static:nonroot-arm64',
    },
  ]);
  const stages = 'FROM a AS b\nFROM B\nFROM scratch\nFROM b AS c\n';
  expect(startingImages(stages)).toEqual([{ written: 'a', resolved: 'a' }]);
});

test.each<[string, string, readonly string[], string]>([
  ['as it is written', SHAPE, ['${builder_image}'], '--platform=$BUILDPLATFORM ${builder_image}'],
  ['with its arguments', SHAPE, ['golang:1.26'], '--platform=$BUILDPLATFORM ${builder_image}'],
])(
  'an image named %s gets the platform of the build machine, in its line',
  (_how, text, images, line) => {
    const changed = changedText(text, images, ARGS);
    expect(changed).toBe(text.replace('${builder_image} as', `${line} as`));
    expect(changed.split('\n')).toHaveLength(text.split('\n').length);
  },
);

test.each<[string, readonly string[], string]>([
  [
    'FROM a\nFROM a AS b\nFROM c',
    ['a'],
    'FROM --platform=$BUILDPLATFORM a\nFROM --platform=$BUILDPLATFORM a AS b\nFROM c',
  ],
  ['FROM --platform=linux/amd64 a', ['a'], 'FROM --platform=linux/amd64 a'],
  ['FROM x AS a\nFROM a', ['a'], 'FROM x AS a\nFROM a'],
  ['from \\\n  a', ['a'], 'from --platform=$BUILDPLATFORM \\\n  a'],
  ['FR\\\nOM -- a', ['a'], 'FR\\\nOM --platform=$BUILDPLATFORM -- a'],
  ['\xef\xbb\xbf \tFROM a', ['a'], '\xef\xbb\xbf \tFROM --platform=$BUILDPLATFORM a'],
  ['# \xff\nFROM a # \xe9', ['a'], '# \xff\nFROM --platform=$BUILDPLATFORM a # \xe9'],
  ['# escape=`\nFROM `\n a', ['a'], '# escape=`\nFROM --platform=$BUILDPLATFORM `\n a'],
  ["FROM 'a'", ['a'], "FROM --platform=$BUILDPLATFORM 'a'"],
  [
    'FROM docker.io/library/a:latest',
    ['a'],
    'FROM --platform=$BUILDPLATFORM docker.io/library/a:latest',
  ],
  ['FROM a', ['docker.io/library/a'], 'FROM --platform=$BUILDPLATFORM a'],
  ['FROM a:1', ['a'], 'FROM a:1'],
  [
    'FROM x\nRUN echo "see <<EOF"\nFROM a',
    ['a'],
    'FROM x\nRUN echo "see <<EOF"\nFROM --platform=$BUILDPLATFORM a',
  ],
  ['FROM x\nRUN 3<<EOF\nFROM a\nEOF', ['a'], 'FROM x\nRUN 3<<EOF\nFROM a\nEOF'],
  ['FROM x\r\nFROM a\r\n', ['a'], 'FROM x\r\nFROM --platform=$BUILDPLATFORM a\r\n'],
  [
    'FROM a@sha256:0\nFROM b',
    ['a@sha256:0', 'b'],
    'FROM --platform=$BUILDPLATFORM a@sha256:0\nFROM --platform=$BUILDPLATFORM b',
  ],
  [
    'FROM x\nRUN <<EOF\nFROM a\nEOF\nFROM a',
    ['a'],
    'FROM x\nRUN <<EOF\nFROM a\nEOF\nFROM --platform=$BUILDPLATFORM a',
  ],
  ['FROM b', ['a'], 'FROM b'],
])('%j with %j', (text, images, expected) => {
  expect(changedText(text, images)).toBe(expected);
});

test('whatever a Dockerfile holds, only platforms are added, and the stages are the same', () => {
  const line = fc.constantFrom(
    'FROM a',
    'FROM a AS b',
    'FROM b',
    'FROM --platform=x a',
    'RUN a \\',
    '',
    '# a',
    'ARG a=b',
    'FROM "a"',
    'FROM $a',
  );
  const newline = fc.constantFrom('\n', '\r\n');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), newline, (lines, end) => {
      const text = lines.join(end);
      const changed = changedText(text, ['a', '$a']);
      expect(changed.replaceAll(' --platform=$BUILDPLATFORM', '')).toBe(text);
      const bare = (one: string) => stagesOf(one, building()).map(({ from, name }) => [from, name]);
      expect(bare(changed)).toEqual(bare(text));
    }),
  );
});

test('stages say what their platform is, and which of them a build context replaces', () => {
  const text = [
    'ARG P=$BUILDPLATFORM',
    'FROM --platform=$P a AS one',
    'FROM --platform=${BUILDPLATFORM} a',
    'FROM --platform=linux/amd64 a',
    'FROM a',
  ].join('\n');
  const found = imageStages(text, building({}, ['one', 'a']));
  expect(found.map(({ isNative, replaced }) => [isNative, replaced])).toEqual([
    [true, 'one'],
    [true, undefined],
    [false, undefined],
    [false, undefined],
  ]);
});

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['FROM a\nARG BUILDPLATFORM=x', {}, undefined],
  ['ARG BUILDPLATFORM\nFROM a', {}, undefined],
  ['ARG BUILDPLATFORM=x\nFROM a', {}, 'x'],
  ['FROM a', { BUILDPLATFORM: 'y' }, 'y'],
])('in %j with %j the build platform is changed to %s', (text, args, expected) => {
  expect(changedBuildPlatform(text, args)).toBe(expected);
});
