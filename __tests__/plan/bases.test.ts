// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bases as allBases, frontend } from '../../src/plan/bases.js';

type Bases = ReturnType<typeof allBases>;

/** The bases of a Dockerfile on a platform of which nothing is known. */
function bases(
  text: string,
  args: Readonly<Record<string, string>>,
  contexts: readonly string[] = [],
  target?: string,
): Bases {
  return allBases(text, { args, contexts, ...(target === undefined ? {} : { target }) });
}

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each<[string, Readonly<Record<string, string>>, Bases]>([
  ['FROM alpine:3.22', {}, [{ reference: 'alpine:3.22', line: 1, pinned: false }]],
  [`FROM alpine@${DIGEST}`, {}, [{ reference: `alpine@${DIGEST}`, line: 1, pinned: true }]],
  [`FROM a:1@${DIGEST} AS b`, {}, [{ reference: `a:1@${DIGEST}`, line: 1, pinned: true }]],
  ['FROM alpine@sha256:abc', {}, [{ reference: 'alpine@sha256:abc', line: 1, pinned: false }]],
  ['FROM scratch', {}, []],
  ['', {}, []],
  [
    'FROM --platform=$BUILDPLATFORM golang:1.24 AS Build\nRUN go build\nFROM build AS x\nFROM scratch\nCOPY --from=BUILD /a /b\nCOPY --from=0 /a /b\nCOPY --from=busybox:1 /bin /bin\nCOPY a b',
    {},
    [
      { reference: 'golang:1.24', line: 1, pinned: false },
      { reference: 'busybox:1', line: 7, pinned: false },
    ],
  ],
  [
    '# syntax=docker/dockerfile:1\n\nARG REG=docker.io\nARG TAG\nARG IMAGE=${REG}/x:${TAG:-1}\nFROM ${IMAGE}\nFROM $REG/y:$TAG',
    {},
    [
      { reference: 'docker.io/x:1', line: 6, pinned: false, unused: true },
      { reference: 'docker.io/y:$TAG', line: 7, pinned: false, unresolved: true },
    ],
  ],
  [
    'ARG TAG=1\nFROM x:$TAG\nFROM y:${TAG:+set}${NO:-d}${NO:+e}\nFROM z:${NO}',
    { TAG: '2' },
    [
      { reference: 'x:2', line: 2, pinned: false, unused: true },
      { reference: 'y:setd', line: 3, pinned: false, unused: true },
      { reference: 'z:${NO}', line: 4, pinned: false, unresolved: true },
    ],
  ],
  [
    'ARG V=v1\nFROM x:${V#v} AS a\nFROM ${B:-y:${V:-0}} AS b\nFROM ${V:+z:${NO}} AS c\nFROM "w:$V"',
    {},
    [
      { reference: 'x:${V#v}', line: 2, pinned: false, unresolved: true, unused: true },
      { reference: 'y:v1', line: 3, pinned: false, unused: true },
      { reference: 'z:${NO}', line: 4, pinned: false, unresolved: true, unused: true },
      { reference: 'w:v1', line: 5, pinned: false },
    ],
  ],
  ['ARG T="3.22"\nFROM alpine:${T}', {}, [{ reference: 'alpine:3.22', line: 2, pinned: false }]],
  [
    'FROM a\nRUN --mount=type=bind,from=tools:1,target=/t --mount=type=cache,target=/c make\nRUN --mount=from=0,target=/x y',
    {},
    [
      { reference: 'a', line: 1, pinned: false },
      { reference: 'tools:1', line: 2, pinned: false },
    ],
  ],
  [
    'FROM a AS b\nRUN <<EOT\nFROM not-a-base\nEOT\n\nfrom \\\n  c',
    {},
    [
      { reference: 'a', line: 1, pinned: false, unused: true },
      { reference: 'c', line: 6, pinned: false },
    ],
  ],
  [
    'FROM x:${TARGETARCH:-amd64}\nFROM y:${X:-${BUILDARCH-a}}\nFROM z${BUILDOS+x}',
    { X: '1' },
    [
      {
        ...{ reference: 'x:${TARGETARCH:-amd64}', line: 1, pinned: false },
        unresolved: true,
        unused: true,
      },
      { reference: 'y:${BUILDARCH-a}', line: 2, pinned: false, unresolved: true, unused: true },
      { reference: 'z${BUILDOS+x}', line: 3, pinned: false, unresolved: true },
    ],
  ],
  [
    'ARG X=1\nFROM y:${X:-${BUILDARCH-a}}',
    { BUILDARCH: 'arm64' },
    [{ reference: 'y:1', line: 2, pinned: false }],
  ],
  [
    'FROM x:${BUILDARCH:-amd64}',
    { BUILDARCH: 'arm64' },
    [{ reference: 'x:arm64', line: 1, pinned: false }],
  ],
  [
    'FROM $TARGETARCH/x',
    {},
    [{ reference: '$TARGETARCH/x', line: 1, pinned: false, unresolved: true }],
  ],
])('%s', (dockerfile, args, expected) => {
  expect(bases(dockerfile, args)).toEqual(expected);
});

test('a chain of stages may be of any length', () => {
  const numbers = [...Array(6_000).keys()];
  const froms = numbers.map((at) => `FROM s${at} AS s${at + 1}`);
  expect(bases(froms.join('\n'), {})).toEqual([{ reference: 's0', line: 1, pinned: false }]);
  const copies = numbers.map((at) => `FROM b AS s${at + 1}\nCOPY --from=s${at + 2} /a /`);
  const all = bases(['FROM b', 'COPY --from=s1 /a /', ...copies].join('\n'), {}, [], 's1');
  expect(all.filter(({ unused }) => !unused).length).toBe(numbers.length + 1);
});

test('a stage may have the name of one that it starts from', () => {
  const lines = 'FROM x AS a\nFROM a AS a\nFROM 0\nCOPY --from=a / /';
  expect(bases(lines, {}).map(({ reference, unused }) => [reference, unused])).toEqual([
    ['x', undefined],
    ['0', undefined],
  ]);
});

test('a named context takes the place of an image', () => {
  expect(
    bases('FROM base\nCOPY --from=lib /a /b\nCOPY --from=other /a /b', {}, ['base', 'lib']),
  ).toEqual([{ reference: 'other', line: 3, pinned: false }]);
});

test('whatever a Dockerfile holds, its bases are a list', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'FROM a',
      'FROM',
      'ARG',
      'ARG A=$A',
      'COPY --from=',
      'RUN --mount',
      '<<E',
      '\\',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (lines) => {
      expect(Array.isArray(bases(lines.join('\n'), {}))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test.each<[string, Readonly<Record<string, string>>, ReturnType<typeof frontend>]>([
  ['FROM a', {}, undefined],
  [
    '# syntax=docker/dockerfile:1\nFROM a',
    {},
    { reference: 'docker/dockerfile:1', line: 1, pinned: false },
  ],
  [
    `# escape=\\\n# syntax = d.io/x@${DIGEST}\nFROM a`,
    {},
    { reference: `d.io/x@${DIGEST}`, line: 2, pinned: true },
  ],
  ['# a comment\n# syntax=docker/dockerfile:1\nFROM a', {}, undefined],
  ['FROM a', { BUILDKIT_SYNTAX: 'd.io/x:2' }, { reference: 'd.io/x:2', line: 1, pinned: false }],
])('the frontend of %j with %j', (text, args, expected) => {
  expect(frontend(text, args)).toEqual(expected);
});

test.each<[string | undefined, readonly string[]]>([
  [undefined, ['a', 'd', 'e']],
  ['debug', ['a', 'c']],
  ['0', []],
  ['nobody', []],
])('the target %s needs %j', (target, expected) => {
  const dockerfile = [
    'FROM a AS one',
    'FROM b AS two',
    'FROM one AS Debug',
    'COPY --from=c /x /x',
    'FROM d',
    'COPY --from=0 /x /x',
    'RUN --mount=from=e,target=/e true',
  ].join('\n');
  const needed = bases(dockerfile, {}, [], target).filter(({ unused }) => !unused);
  expect(needed.map(({ reference }) => reference)).toEqual(expected);
});
