// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { expect, test } from '@jest/globals';
import { undeclaredArguments } from '../../src/dockerfile/index.js';

const found = (lines: readonly string[], target?: string) =>
  undeclaredArguments(lines.join('\n'), {
    args: { TARGETARCH: 'given' },
    contexts: [],
    ...(target === undefined ? {} : { target }),
  }).map(({ name, line, stage }) => [name, line, stage]);

const FROM = 'FROM a AS build';
const USE = 'RUN GOARCH=$TARGETARCH go build';

test.each<[string, readonly string[], readonly unknown[]]>([
  ['no ARG at all', [FROM, USE], [['TARGETARCH', 2, 'build']]],
  [
    'an ARG before the first FROM',
    ['ARG TARGETARCH', 'FROM a', USE],
    [['TARGETARCH', 3, undefined]],
  ],
  ['an ENV whose value it is', [FROM, 'ENV A TARGETARCH', USE], [['TARGETARCH', 3, 'build']]],
  ['an ARG below the RUN', [FROM, USE, 'ARG TARGETARCH'], [['TARGETARCH', 2, 'build']]],
  [
    'an ARG of another stage',
    ['FROM a AS b', 'ARG TARGETARCH', 'FROM c', 'COPY --from=b / /', USE],
    [['TARGETARCH', 5, undefined]],
  ],
  [
    'several, and braces',
    [FROM, 'RUN make ${TARGETOS} "$BUILDARCH"'],
    [
      ['BUILDARCH', 2, 'build'],
      ['TARGETOS', 2, 'build'],
    ],
  ],
  ['a text behind <<', [FROM, 'RUN <<EOF', 'go $TARGETARCH', 'EOF'], [['TARGETARCH', 2, 'build']]],
  [
    'a stage that is only copied from',
    [FROM, USE, 'FROM c', 'COPY --from=build /x /x'],
    [['TARGETARCH', 2, 'build']],
  ],
])('what no ARG of the stage declares is found: %s', (_, lines, expected) => {
  expect(found(lines)).toEqual(expected);
});

test.each<[string, readonly string[]]>([
  ['declared in the stage', [FROM, 'ARG TARGETARCH', USE]],
  ['declared with others, and a default', [FROM, 'ARG A=1 TARGETARCH=amd64 B', USE]],
  ['declared by the stage that it starts from', [FROM, 'ARG TARGETARCH', 'FROM build', USE]],
  ['set by an ENV', [FROM, 'ENV A=1 TARGETARCH=x', USE]],
  ['set by an ENV of the old form', [FROM, 'ENV TARGETARCH x y', USE]],
  ['set by the RUN itself', [FROM, 'RUN TARGETARCH=$(uname -m) && echo $TARGETARCH']],
  [
    'read by the RUN itself',
    [FROM, 'RUN uname -m | while read TARGETARCH; do echo $TARGETARCH; done'],
  ],
  ['with a default where it is used', [FROM, 'RUN echo ${TARGETARCH:-amd64}']],
  ['escaped', [FROM, 'RUN echo \\$TARGETARCH $$TARGETARCH']],
  ['another name', [FROM, 'RUN echo $TARGETARCHIVE $MY_TARGETARCH']],
  ['used by no RUN', [FROM, 'LABEL a=$TARGETARCH', 'CMD echo $TARGETARCH']],
  ['in a script for later', [FROM, "RUN cat <<'EOF' > /x", 'echo $TARGETARCH', 'EOF']],
  ['in a stage that is not built', [FROM, USE, 'FROM c']],
  ['below a stage that asks for steps', [FROM, 'ONBUILD ARG TARGETARCH', 'FROM build', USE]],
])('nothing is said of what is %s', (_, lines) => {
  expect(found(lines)).toEqual([]);
});
