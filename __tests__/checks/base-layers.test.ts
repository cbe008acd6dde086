// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { describe, expect, test } from '@jest/globals';
import { sourcesOf } from '../../src/checks/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { inspected } from './inspected.js';

const EVERYTHING = `ARG TARGETARCH
ARG FLAVOUR=plain
FROM busybox:1.37 AS base-amd64
LABEL one=1
RUN echo amd64 > /which
FROM busybox:1.37 AS base-arm64
RUN echo arm64 > /which
FROM base-\${TARGETARCH} AS plain
ENV A=1 B=2
ENV C 3
workdir /srv/app
run <<EOF
echo FROM busybox > /heredoc
RUN=1
EOF
FROM \${FLAVOUR}
ARG X=1
ARG TARGETARCH
COPY --chmod=0755 Dockerfile /copied
COPY --link Dockerfile /linked
COPY <<one <<two /docs/
a
one
b
two
ADD Dockerfile /added
EXPOSE 80 443/tcp
VOLUME ["/data"]
USER 0
WORKDIR /
WORKDIR work
HEALTHCHECK --interval=5s CMD true
SHELL ["/bin/sh", "-ec"]
STOPSIGNAL SIGTERM
LABEL a=b \\
  # a comment
  c=d
MAINTAINER somebody
RUN --mount=type=tmpfs,target=/x \\
    true && \\
    echo x > /y
RUN ["/bin/true"]
ONBUILD RUN true
CMD ["a"]
ENTRYPOINT ["/bin/sh"]
`;

/** What BuildKit 0.25 wrote for it on linux/arm64; `+` is a line with a layer. */
const HISTORY = `
 ARG TARGETARCH=arm64 TARGETVARIANT=
+COPY arm64/ / # buildkit
 CMD ["sh"]
+RUN /bin/sh -c echo arm64 > /which # buildkit
 ENV A=1 B=2
 ENV C=3
+WORKDIR /srv/app
+RUN /bin/sh -c echo FROM busybox > /heredoc
 ARG X=1
 ARG TARGETARCH=arm64
+COPY --chmod=0755 Dockerfile /copied # buildkit
+COPY Dockerfile /linked # buildkit
+COPY <<one <<two /docs/ # buildkit
+ADD Dockerfile /added # buildkit
 EXPOSE [443/tcp 80/tcp]
 VOLUME [/data]
 USER 0
 WORKDIR /
+WORKDIR /work
 HEALTHCHECK &{["CMD-SHELL" "true"] "5s" "0s" "0s" "0s" '\\x00'}
 SHELL [/bin/sh -ec]
 STOPSIGNAL SIGTERM
 LABEL a=b c=d
 MAINTAINER somebody
+RUN |2 X=1 TARGETARCH=arm64 /bin/sh -ec true &&     echo x > /y # buildkit
+RUN |2 X=1 TARGETARCH=arm64 /bin/true # buildkit
 CMD ["a"]
 ENTRYPOINT ["/bin/sh"]`;

const historyOf = (text: string): ImageConfig['history'] =>
  text.split('\n').map((line) => ({
    createdBy: line.slice(1),
    comment: 'buildkit.dockerfile.v0',
    emptyLayer: !line.startsWith('+'),
  }));

type Building = Parameters<typeof sourcesOf>[0]['dockerfile'];

/** How many layers the base has brought to an image with that history. */
function baseLayers(
  text: string,
  history: ImageConfig['history'],
  more: Partial<NonNullable<NonNullable<Building>['building']>> = {},
): number | undefined {
  const diffIds = history
    .filter(({ emptyLayer }) => !emptyLayer)
    .map(() => `sha256:${'1'.repeat(64)}`);
  const building = { args: {}, contexts: [], ...more };
  const dockerfile = { file: 'Dockerfile', text, building };
  return sourcesOf(inspected([], { history, diffIds }, { dockerfile }))?.baseLayers;
}

test('a Dockerfile without a stage says nothing of where an image comes from', () => {
  const of = (dockerfile: Building) => sourcesOf(inspected([], {}, { dockerfile }));
  expect(of({ file: 'Dockerfile', text: 'ARG A=1\n' })).toBeUndefined();
  expect(of({ file: 'Dockerfile' })).toBeUndefined();
  expect(of(undefined)).toBeUndefined();
});

describe("the base's layers", () => {
  const everything = historyOf(HISTORY.slice(1));
  const three = historyOf('+RUN base\n+RUN x\n+COPY y');

  test('are not known where the history does not say what a step did', () => {
    const silent = historyOf('+RUN base\n+COPY y').map(({ createdBy, ...entry }) =>
      createdBy === 'COPY y' ? entry : { createdBy, ...entry },
    );
    expect(baseLayers('FROM a\nCOPY y', silent as ImageConfig['history'])).toBeUndefined();
  });

  test('lie below the history of every instruction that is built', () => {
    expect(baseLayers(EVERYTHING, everything)).toBe(1);
  });

  test.each<[string, Parameters<typeof baseLayers>[2], number | undefined]>([
    ['FROM a', {}, 3],
    ['FROM a\nCOPY y', {}, 2],
    ['FROM a AS one\nRUN x\nFROM one\nCOPY y', {}, 1],
    ['FROM scratch\nRUN base\nRUN x\nCOPY y', {}, 0],
    ['FROM a AS one\nRUN x\nCOPY y\nFROM b\nRUN z', { target: 'One' }, 1],
    ['FROM a AS one\nRUN x\nFROM one\nCOPY y', { contexts: ['one'] }, 2],
    ['ARG F=one\nFROM a AS one\nRUN x\nFROM $F\nCOPY y', { args: { F: 'b' } }, 2],
    ['FROM a\nONBUILD RUN x\nCOPY y', {}, 2],
    ['FROM a AS one\nONBUILD RUN x\nFROM one\nCOPY y', {}, undefined],
    ['FROM a AS one\nRUN x\nFROM ${ELSEWHERE}\nCOPY y', {}, undefined],
    ['ARG V=v1\nFROM a AS one1\nRUN x\nFROM one${V#v}\nCOPY y', {}, undefined],
    ['FROM a AS one\nRUN x\nFROM "${F:-${G:-one}}"\nCOPY y', {}, 1],
    ['FROM a AS one\nRUN x\nFROM One\nCOPY y', { contexts: ['oNe'] }, 2],
    ['FROM a\nENV y=z', {}, undefined],
    ['FROM a\nRUN 1\nRUN 2\nRUN x\nCOPY y', {}, undefined],
  ])('of %j with %j are %j of three', (text, more, layers) => {
    expect(baseLayers(text, three, more)).toBe(layers);
  });
});
