import { expect, test } from '@jest/globals';
import { archMismatch } from '../../src/checks/arch-mismatch.js';
import { elf, inspected, layer } from './inspected.js';

const WRITTEN = 'write ARG TARGETARCH without a value';
const BUILD = 'FROM --platform=$BUILDPLATFORM golang AS build';
const COPIED = 'COPY --from=build /app /app';

/** What is said of `/app` for amd64 in an image for arm64, which the last line of a Dockerfile adds. */
function hint(lines: readonly string[], native?: true) {
  const comment = 'buildkit.dockerfile.v0';
  const last = lines.at(-1) ?? '';
  const subject = inspected(
    [
      layer([{ path: 'bin/sh', program: elf('arm64') }]),
      layer([{ path: 'app', program: elf('amd64') }]),
    ],
    {
      history: [
        { createdBy: 'ADD rootfs /', emptyLayer: false },
        { createdBy: last, emptyLayer: false, comment },
      ],
    },
    {
      dockerfile: {
        file: 'Dockerfile',
        text: `${lines.join('\n')}\n`,
        ...(native === undefined ? {} : { native }),
      },
    },
  );
  const [first, ...more] = archMismatch(subject);
  expect(more).toEqual([]);
  return [first?.location?.line, first?.remedy, first?.detail?.[0]];
}

const CROSS = 'The build stage runs on the build platform and does not cross-compile.';
const HELD = 'The stage runs on the build platform, and what it holds is for that.';

const ROWS: readonly (readonly [string, readonly string[], number, string, string?])[] = [
  [
    'Go compiles on the build platform',
    [BUILD, 'RUN go build -o /app', 'FROM busybox', COPIED],
    1,
    'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'it is given the platform by a variable that no ARG declares',
    [BUILD, 'RUN GOARCH=$TARGETARCH go build -o /app', 'FROM busybox', COPIED],
    2,
    'write ARG TARGETARCH above this line, in the same stage',
    'TARGETARCH is empty in this step: no ARG above it in its stage declares it.',
  ],
  [
    'it is given the platform by an argument of its own',
    [BUILD, 'ARG ARCH', 'RUN GOARCH=$ARCH go build -o /app', 'FROM busybox', COPIED],
    3,
    "give ARCH the platform's own architecture: args: { ARCH: '{arch}' }",
  ],
  [
    'it asks the machine that builds',
    [BUILD, 'RUN arch=$(go env GOHOSTARCH) && GOARCH=$arch go build', 'FROM busybox', COPIED],
    1,
    'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'another compiler does',
    [
      'FROM --platform=$BUILDPLATFORM rust AS build',
      'RUN cargo build --release',
      'FROM busybox',
      COPIED,
    ],
    1,
    'compile for $TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'nothing is compiled, it is downloaded',
    [BUILD, 'RUN curl -o /app https://example.com/app', 'FROM busybox', COPIED],
    1,
    'download what is for $TARGETARCH, or drop --platform=$BUILDPLATFORM',
    'The stage runs on the build platform, and what it downloads is for that.',
  ],
  [
    'nothing is executed at all',
    [BUILD, 'FROM busybox', COPIED],
    1,
    'drop --platform=$BUILDPLATFORM',
    HELD,
  ],
  [
    'the stage is for one platform',
    ['FROM --platform=linux/amd64 golang AS build', 'RUN go build', 'FROM busybox', COPIED],
    1,
    'use GOARCH=$TARGETARCH, or drop --platform=linux/amd64',
    'The stage is for linux/amd64 and does not cross-compile.',
  ],
  [
    'a default hides the architecture in the stage',
    [
      BUILD,
      'ARG TARGETOS=linux',
      'ARG TARGETARCH=amd64',
      'RUN GOARCH=$TARGETARCH go build',
      'FROM busybox',
      COPIED,
    ],
    3,
    WRITTEN,
    'ARG TARGETARCH=amd64 hides the value that BuildKit sets, arm64.',
  ],
  [
    'a default before the first FROM does',
    [
      'ARG TARGETARCH=amd64',
      BUILD,
      'ARG TARGETARCH',
      'RUN GOARCH=$TARGETARCH go build',
      'FROM busybox',
      COPIED,
    ],
    1,
    WRITTEN,
    'ARG TARGETARCH=amd64 hides the value that BuildKit sets, arm64.',
  ],
  [
    'a default for another architecture explains nothing',
    [BUILD, 'ARG TARGETARCH=s390x', 'RUN go build', 'FROM busybox', COPIED],
    1,
    'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'a default is no platform at all',
    [BUILD, 'ARG TARGETPLATFORM=a/b/c/d', 'RUN go build', 'FROM busybox', COPIED],
    1,
    'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'it is made in the last stage, nothing says how',
    ['FROM busybox', 'RUN ./make-it'],
    2,
    'Compile or download it for $TARGETARCH, or use a base image that has the platform.',
  ],
  [
    'an architecture is written out',
    ['FROM golang AS build', 'RUN GOARCH=amd64 go build', 'FROM busybox', COPIED],
    2,
    'use GOARCH=$TARGETARCH in this step',
  ],
  [
    'it is written out in ENV',
    ['FROM golang AS build', 'ENV GOARCH amd64', 'RUN go build', 'FROM busybox', COPIED],
    2,
    'use GOARCH=$TARGETARCH in this step',
  ],
  [
    'a compiler is only copied there',
    [BUILD, 'COPY make /app', 'FROM busybox', COPIED],
    1,
    'drop --platform=$BUILDPLATFORM',
    HELD,
  ],
  [
    'a stage that is not used has a variable that no ARG declares',
    ['FROM golang AS other', 'RUN echo $TARGETARCH', BUILD, 'RUN go build', 'FROM busybox', COPIED],
    3,
    'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'a stage that is not used has an argument of its own',
    [
      'FROM golang AS other',
      'ARG ARCH',
      'RUN GOARCH=$ARCH go build',
      BUILD,
      'RUN go build',
      'FROM busybox',
      COPIED,
    ],
    4,
    'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    CROSS,
  ],
  [
    'another architecture is written out',
    ['FROM golang AS build', 'RUN GOARCH=s390x go build', 'FROM busybox', COPIED],
    4,
    'Compile or download it for $TARGETARCH, or use a base image that has the platform.',
  ],
  [
    'it is copied from an image',
    ['FROM busybox', 'COPY --from=tools /app /app'],
    2,
    'copy from an image that has linux/arm64',
  ],
  [
    'it comes from the build context',
    ['FROM busybox', 'COPY app /app'],
    2,
    'copy a file that is made for each platform, from a folder named $TARGETARCH for example',
  ],
  [
    'it is added from an address',
    ['FROM busybox', 'ADD https://example.com/app /app'],
    2,
    'download what is for $TARGETARCH',
  ],
  [
    'it is downloaded in the last stage',
    ['FROM busybox', 'RUN wget -O /app https://example.com/amd64/app'],
    2,
    'download what is for $TARGETARCH',
  ],
  [
    'it is copied from an image of one platform',
    ['FROM busybox', `COPY --from=tools@sha256:${'a'.repeat(64)} /app /app`],
    2,
    'copy from an image that has linux/arm64, and pin the digest of its index',
  ],
];

test.each(ROWS.map((row) => [row[0], row] as const))('what to do where %s', (_, row) => {
  const [, lines, line, remedy, detail] = row;
  expect(hint(lines)).toEqual([line, remedy, detail]);
});

test('a stage that the configuration made native is told by that', () => {
  const lines = [BUILD, 'RUN go build -o /app', 'FROM busybox', COPIED];
  expect(hint(lines, true)).toEqual([
    1,
    'use GOARCH=$TARGETARCH, or take golang out of "native"',
    CROSS,
  ]);
});
