import { expect, test } from '@jest/globals';
import { builtFrom, platformArguments } from '../../src/dockerfile/index.js';

const automatic = platformArguments('linux/arm64');

test.each<[string, readonly string[], { target?: string; contexts?: string[] }, string]>([
  ['the last stage', ['FROM a AS b', 'FROM c:1'], {}, 'c:1'],
  ['a stage of it', ['FROM a AS b', 'FROM b', 'RUN x'], {}, 'a'],
  ['the target', ['FROM a AS b', 'FROM c'], { target: 'b' }, 'a'],
  ['an argument', ['ARG V=1', 'FROM a:$V'], {}, 'a:1'],
  ['the platform', ['FROM a:$TARGETARCH'], {}, 'a:arm64'],
  ['scratch', ['FROM scratch'], {}, ''],
  ['what the build alone knows', ['FROM a:$BUILDARCH'], {}, ''],
  ['a build context', ['FROM Base'], { contexts: ['base'] }, ''],
  ['nothing', ['# no stage'], {}, ''],
])('an image is built from %s', (_, lines, { contexts = [], ...more }, expected) => {
  const building = { args: {}, contexts, automatic, ...more };
  expect(builtFrom(lines.join('\n'), building) ?? '').toBe(expected);
});
