// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stagesOf, startingImages, withNativeStages } from '../../src/dockerfile/index.js';

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

test('images that stages start from, as they are written and as they are', () => {
  expect(startingImages(SHAPE, ARGS)).toEqual([
    { written: '${builder_image}', resolved: 'golang:1.26' },
    {
      written: 'gcr.io/distroless/static:nonroot-${ARCH}',
      resolved: 'gcr.io/distroless/static:nonroot-arm64',
    },
  ]);
  const stages = 'FROM a AS b\nFROM B\nFROM scratch\nFROM b AS c\n';
  expect(startingImages(stages, {})).toEqual([{ written: 'a', resolved: 'a' }]);
});

test.each<[string, string, readonly string[], string]>([
  ['as it is written', SHAPE, ['${builder_image}'], '--platform=$BUILDPLATFORM ${builder_image}'],
  ['with its arguments', SHAPE, ['golang:1.26'], '--platform=$BUILDPLATFORM ${builder_image}'],
])(
  'an image named %s gets the platform of the build machine, in its line',
  (_how, text, images, line) => {
    const changed = withNativeStages(text, ARGS, images);
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
  ['from \\\n  a', ['a'], 'from \\\n  --platform=$BUILDPLATFORM a'],
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
  expect(withNativeStages(text, {}, images)).toBe(expected);
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
      const changed = withNativeStages(text, {}, ['a', '$a']);
      expect(changed.replaceAll('--platform=$BUILDPLATFORM ', '')).toBe(text);
      const building = { args: {}, contexts: [] };
      const bare = (one: string) => stagesOf(one, building).map(({ from, name }) => [from, name]);
      expect(bare(changed)).toEqual(bare(text));
    }),
  );
});
