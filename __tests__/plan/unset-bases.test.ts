import { expect, test } from '@jest/globals';
import { type AdviceSources, advice, found } from './advice.js';

test('a FROM whose argument has no value is an error at its line', async () => {
  const lines = ['ARG BASE', 'FROM golang AS build', `FROM \${BASE}`];
  expect(await advice(lines)).toEqual([
    {
      code: 'base-unset',
      severity: 'error',
      subject: { image: 'greeter' },
      message: `FROM \${BASE} names no image: BASE has no value.`,
      location: { file: 'Dockerfile', line: 3 },
      remedy: 'give it in "args", or write ARG BASE with a default before the first FROM',
    },
  ]);
  expect(await advice(lines, { build: { args: { BASE: 'alpine' } } })).toEqual([]);
});

const DECLARE = 'write ARG BASE before the first FROM, with a default or with a value in "args"';

test.each<[string, readonly string[], AdviceSources, string, string]>([
  [
    'not declared, though given',
    ['FROM $BASE'],
    { build: { args: { BASE: 'alpine' } } },
    '1 FROM $BASE names no image: BASE has no value.',
    DECLARE,
  ],
  [
    'misspelt',
    ['ARG BASE=alpine', `FROM \${BSAE}`],
    {},
    `2 FROM \${BSAE} names no image: BSAE has no value.`,
    `did you mean BASE? Otherwise ${DECLARE.replace('BASE', 'BSAE')}`,
  ],
  [
    'declared in a stage',
    ['FROM a AS first', 'ARG V=1 BASE=alpine', 'FROM $BASE'],
    {},
    '3 FROM $BASE names no image: BASE has no value.',
    'write ARG BASE before the first FROM; behind one it is for the stage alone',
  ],
  [
    'given without a text',
    ['ARG BASE=alpine', 'FROM $BASE AS x'],
    { build: { args: { BASE: '' } } },
    '2 FROM $BASE AS x names no image: BASE has no value.',
    'give it in "args", or write ARG BASE with a default before the first FROM',
  ],
  [
    'the tag',
    ['ARG TAG', `FROM acme/base:\${TAG}`],
    {},
    `2 FROM acme/base:\${TAG} names no image: TAG has no value.`,
    'give it in "args", or write ARG TAG with a default before the first FROM',
  ],
  [
    'all of several',
    ['ARG A', 'ARG B', 'FROM $A/$B'],
    {},
    '3 FROM $A/$B names no image: A and B have no value.',
    'give it in "args", or write ARG A with a default before the first FROM',
  ],
  [
    'that of the platform',
    ['ARG P', 'FROM --platform=$P alpine'],
    {},
    '2 FROM --platform=$P alpine names no platform: P has no value.',
    'give it in "args", or write ARG P with a default before the first FROM',
  ],
  [
    'in a stage that is not needed, which BuildKit looks at as well',
    ['ARG BASE', 'FROM $BASE AS other', 'FROM scratch'],
    {},
    '2 FROM $BASE AS other names no image: BASE has no value.',
    'give it in "args", or write ARG BASE with a default before the first FROM',
  ],
])('an argument of a FROM: %s', async (_, lines, sources, message, remedy) => {
  expect(await found('base-unset', lines, sources)).toEqual([[message, remedy]]);
});

test.each(['$A/app', '@$A', 'app@$A', 'acme/$A/b', 'app:$A@sha256', '$A'])(
  'FROM %s names no image without its argument',
  async (from) => {
    const all = await found('base-unset', ['ARG A', `FROM ${from}`]);
    expect(all.map(([message]) => message)).toStrictEqual([
      `2 FROM ${from} names no image: A has no value.`,
    ]);
  },
);

test('a line that is long is shown in part', async () => {
  const from = `FROM $A AS ${'x'.repeat(100)}`;
  const [one] = await found('base-unset', ['ARG A', from]);
  expect(one?.[0]).toBe(`2 ${from.slice(0, 80)} names no image: A has no value.`);
});

test('an image and its platform that are both gone are said in one sentence', async () => {
  const lines = ['ARG P', 'ARG A', '  FROM --platform=$P $A'];
  expect(await found('base-unset', lines)).toStrictEqual([
    [
      '3 FROM --platform=$P $A names no image: A and P have no value.',
      'give it in "args", or write ARG A with a default before the first FROM',
    ],
  ]);
});

test.each<[string, readonly string[], AdviceSources?]>([
  ['a default', ['ARG BASE=alpine', 'FROM $BASE']],
  ['a default in the FROM', [`FROM \${BASE:-alpine}`, `FROM \${BASE-alpine}`]],
  [
    'what BuildKit sets',
    ['FROM --platform=$BUILDPLATFORM a', 'FROM $TARGETARCH', 'FROM a$TARGETSTAGE'],
  ],
  [
    'what rests on what BuildKit sets',
    [
      `FROM \${BUILDPLATFORM:+nat}`,
      `FROM --platform=\${BUILDPLATFORM:+$BUILDPLATFORM} busybox`,
      `FROM \${TARGETSTAGE+a}`,
    ],
  ],
  ['an argument that rests on it', [`ARG W=\${BUILDOS:+nat}`, `FROM \${W}`, `FROM \${W:+a}`]],
  ['a default of an argument that comes to nothing', ['ARG A', 'ARG B=$A', `FROM \${B:-alpine}`]],
  ['what is a name without it', ['ARG SUFFIX', `FROM alpine\${SUFFIX}`, 'FROM alpine:3$SUFFIX']],
  ['a default that takes another one', ['ARG A=alpine', 'ARG BASE=$A', `FROM \${BASE}`]],
  ['an expression that is not followed', ['ARG V', `FROM \${V#v}`, `FROM \${V:?}`]],
  ['a dollar that means itself', ['FROM a\\$b']],
  [
    'a tag, where a context may have that name',
    ['ARG TAG', 'FROM a:$TAG'],
    { build: { contexts: { b: 'c' } } },
  ],
])('nothing is said of %s', async (_, lines, sources = {}) => {
  expect(await found('base-unset', lines, sources)).toEqual([]);
});

test('a default that comes to nothing is named by the argument of the FROM, too', async () => {
  const [one] = await found('base-unset', ['ARG A', 'ARG BASE=$A', `FROM \${BASE}`]);
  expect(one?.[0]).toMatch(/^3 FROM \$\{BASE\} names no image: A .*no value\.$/);
});

test('what only one platform leaves without a value is said of that platform', async () => {
  const platforms = ['linux/amd64', 'linux/arm/v7'];
  const [one, ...more] = await advice(['FROM $TARGETVARIANT'], { platforms });
  expect(more).toStrictEqual([]);
  expect(one).toStrictEqual({
    code: 'base-unset',
    severity: 'error',
    subject: { image: 'greeter', platform: 'linux/amd64' },
    message: 'FROM $TARGETVARIANT names no image: its argument has no value.',
    location: { file: 'Dockerfile', line: 1 },
    remedy: one?.remedy,
  });
  expect(one?.remedy).not.toMatch(/^(give it|write ARG|did you)/);
});

test('a FROM without an image is an error also where a context takes the place of its stage', async () => {
  const lines = ['ARG BASE', 'FROM $BASE AS one', 'FROM one'];
  const [one] = await found('base-unset', lines, { build: { contexts: { one: 'c' } } });
  expect(one?.[0]).toBe('2 FROM $BASE AS one names no image: BASE has no value.');
});
