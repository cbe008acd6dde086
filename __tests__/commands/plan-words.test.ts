import { expect, test } from '@jest/globals';
import {
  baseLines,
  emulationWords,
  planHeading,
  planLines,
} from '../../src/commands/plan-words.js';
import type { Plan } from '../../src/evidence/index.js';
import { plannedBuild, plannedBuildpack, plannedImage, plannedTest, planOf } from '../plans.js';

function linesOf(more: Partial<Plan>, ...images: Plan['images']): string {
  return planLines(planOf({ images, ...more })).join('\n');
}

const hail = plannedImage({
  id: 'hail',
  tests: [plannedTest({ name: 'works', timeout: 300_000 })],
  platforms: ['linux/amd64'],
  targets: [{ repository: 'ghcr.io/wp/hail', tags: ['0.3.1'] }],
});

test('an image: how it is built, where it is tested, what it is called', () => {
  const build = plannedBuild({
    context: 'src',
    file: 'docker/Dockerfile',
    target: 'release',
    args: { VERSION: '0.3.1', LINES: 'a\nb' },
  });
  expect(linesOf({}, { ...hail, build })).toBe(`hail
  Dockerfile       docker/Dockerfile
  context          src
  target           release
  arguments        VERSION=0.3.1, LINES=a b
  linux/amd64      1 test
  tests            works
  → embedded: wp/hail:0.3.1, in place of ghcr.io/wp/hail:0.3.1
`);
});

test('what is not said has no line, and what is long is cut', () => {
  const bare = linesOf({}, { ...hail, build: plannedBuild({ args: {} }) });
  expect(bare).not.toMatch(/target|arguments/);
  const long = plannedBuild({ args: { A: 'x'.repeat(1000) } });
  expect(linesOf({}, { ...hail, build: long })).toMatch(/arguments {8}A=x+…\n/);
});

test('secrets by their ids, labels of its own, contexts, network, limit, and what is expected', () => {
  const build = plannedBuild({
    secrets: [
      { id: 'npm_token', env: 'NPM_TOKEN' },
      { id: 'netrc', file: '/root/.netrc' },
    ],
    labels: { 'org.opencontainers.image.revision': 'abc', team: 'harbour' },
    contexts: { lib: '../lib' },
    network: 'none',
    timeout: 5_400_000,
  });
  const tests = [
    plannedTest({ name: 'says its version', timeout: 300_000 }),
    plannedTest({ name: 'sums', platforms: ['linux/amd64'], timeout: 300_000 }),
    plannedTest({ name: 'waits', platforms: ['linux/arm64'], timeout: 600_000 }),
  ];
  const platforms = ['linux/amd64', 'linux/arm64'];
  const image = { ...hail, build, tests, platforms, expect: { goMain: '^acme/' } };
  expect(linesOf({}, image)).toBe(`hail
  Dockerfile       Dockerfile
  context          .
  contexts         lib=../lib
  secrets          npm_token, netrc
  labels           team=harbour
  network          none
  timeout          1h30m
  linux/amd64      2 tests
  linux/arm64      2 tests
  tests            says its version, sums (linux/amd64),
                   waits (linux/arm64; timeout 10m)
  expect           go-main ^acme/
  → embedded: wp/hail:0.3.1, in place of ghcr.io/wp/hail:0.3.1
`);
});

test('names of tests take as many lines of 80 characters as they need, and the rest is counted', () => {
  const named = (count: number, name: string) =>
    Array.from({ length: count }, (_, at) =>
      plannedTest({ name: `${name} ${at}`, timeout: 300_000 }),
    );
  const lines = linesOf({}, { ...hail, tests: named(25, 'reads a file of bytes') }).split('\n');
  const from = lines.findIndex((line) => line.startsWith('  tests'));
  const own = lines.slice(from).filter((line) => !/→|^$/.test(line));
  expect(own.every((line) => line.length <= 80)).toBe(true);
  expect(own[1]).toMatch(/^ {19}reads a file of bytes 2, /);
  expect(own.join(' ').replace(/\s+/g, ' ')).toContain(
    'bytes 18, reads a file of bytes 19, 5 more',
  );
  const [long] = linesOf({}, { ...hail, tests: named(1, 'x'.repeat(200)) }).match(/tests .*/) ?? [];
  expect(long).toMatch(/^tests {12}x{47}…$/);
  expect(linesOf({}, { ...hail, tests: named(1, 'a\nb') })).toContain('tests            a b 0\n');
});

test('caches, entitlements, what may be foreign, and what holds for tags that exist', () => {
  const build = plannedBuild({
    cacheFrom: ['type=gha'],
    cacheTo: ['type=gha,mode=max'],
    allow: ['network.host'],
  });
  const targets = [
    { repository: 'ghcr.io/wp/hail', tags: ['1'], existing: 'same' as const },
    { repository: 'ghcr.io/wp/hail', tags: ['2'], replaces: ['linux/arm64'] },
  ];
  const foreign = [{ path: '/opt/arm/**', reason: 'firmware' }];
  const more = {
    push: true,
    grants: ['network.host'],
    severities: { 'tree-differs': 'off' as const },
  };
  expect(linesOf(more, { ...hail, build, targets, foreign })).toBe(`hail
  Dockerfile       Dockerfile
  context          .
  cache read       type=gha
  cache written    type=gha,mode=max
  entitlements     network.host
  linux/amd64      1 test
  tests            works
  foreign          /opt/arm/** (firmware)
  → ghcr.io/wp/hail:1 (existing: same)
  → ghcr.io/wp/hail:2 (may lose linux/arm64)

grants: network.host
severities: tree-differs: off
`);
});

test('a push goes to the whole name', () => {
  const targets = [
    { repository: 'hail', tags: ['latest'] },
    { repository: 'ghcr.io/wp/hail', tags: ['1', '2'] },
  ];
  const text = linesOf({ push: true }, { ...hail, targets });
  expect(text.match(/→ .*/g)).toEqual([
    '→ docker.io/library/hail:latest',
    '→ ghcr.io/wp/hail:1',
    '→ ghcr.io/wp/hail:2',
  ]);
});

test('a part of the plan is not tagged', () => {
  const text = linesOf({ partial: true }, hail);
  expect(text).not.toContain('wp/hail');
  expect(text).toContain('\n  a part of the plan, so nothing is tagged\n');
});

test('a platform for which nobody wrote a test', () => {
  const test = { ...hail.tests[0], kind: 'start' } as (typeof hail.tests)[number];
  const text = linesOf({}, { ...hail, tests: [test] });
  expect(text).toContain('  linux/amd64      no tests; its program is started\n');
});

test('a build with buildpacks: builder, run image, order, process, and what it may use', () => {
  expect(linesOf({}, { ...hail, build: plannedBuildpack() })).toBe(`hail
  builder          heroku/builder:24
  context          .
  linux/amd64      1 test
  tests            works
  → embedded: wp/hail:0.3.1, in place of ghcr.io/wp/hail:0.3.1
`);
  const build = plannedBuildpack({
    flow: 'creator',
    runImage: 'heroku/heroku:24',
    lock: { file: 'sea-trial.lock', line: 4, column: 1 },
    preBuildpacks: ['docker://acme/apt:1'],
    postBuildpacks: ['urn:cnb:builder:heroku/procfile'],
    env: { A: '1' },
    process: 'web',
    descriptor: 'ci/project.toml',
    network: 'host',
    volumes: ['deps:/deps:rw'],
    bindings: [{ name: 'db', type: 'postgresql', entries: [{ key: 'uri', secret: 'x' }] }],
    cacheTo: ['type=registry,ref=acme/cache'],
  });
  expect(linesOf({}, { ...hail, build })).toBe(`hail
  builder          heroku/builder:24 (the lifecycle’s creator)
  run image        heroku/heroku:24
  lock             sea-trial.lock:4
  context          .
  buildpacks       docker://acme/apt:1, the builder's order, heroku/procfile
  process          web
  descriptor       ci/project.toml
  variables        A=1
  bindings         db (postgresql)
  volume           deps:/deps:rw
  network          host
  cache written    type=registry,ref=acme/cache
  linux/amd64      1 test
  tests            works
  → embedded: wp/hail:0.3.1, in place of ghcr.io/wp/hail:0.3.1
`);
  const own = plannedBuildpack({ buildpacks: ['./bp', 'from=builder'] });
  expect(linesOf({}, { ...hail, build: own })).toContain(
    "buildpacks       ./bp, the builder's order\n",
  );
});

test.each<[string, Parameters<typeof plannedBuildpack>[0], string | undefined]>([
  ['the builder alone', {}, undefined],
  ['the builder, by name', { buildpacks: ['from=builder'] }, undefined],
  ['another order', { buildpacks: ['a/b@1'] }, 'a/b@1'],
  ['what comes before', { preBuildpacks: ['a/b@1'] }, "a/b@1, the builder's order"],
  ['what comes behind', { postBuildpacks: ['a/b@1'] }, "the builder's order, a/b@1"],
  [
    'an order of its own, whatever else is named',
    { buildpacks: ['a/b@1', 'from=builder'], preBuildpacks: ['c/d@1'], postBuildpacks: ['e/f@1'] },
    "a/b@1, the builder's order",
  ],
  ['one of the builder', { buildpacks: ['urn:cnb:builder:a/b@1'] }, 'a/b@1'],
  ['another address', { buildpacks: ['x:urn:cnb:builder:a/b'] }, 'x:urn:cnb:builder:a/b'],
])('the order of buildpacks: %s', (_, build, order) => {
  const text = linesOf({}, { ...hail, build: plannedBuildpack(build) });
  expect(/^ {2}buildpacks {7}(.*)$/m.exec(text)?.[1]).toBe(order);
});

test('labels are those that nothing else sets', () => {
  const label = (key: string) => `org.opencontainers.image.${key}`;
  const automatic = ['created', 'revision', 'source', 'version'].map((key) => [label(key), 'x']);
  const labels = {
    ...Object.fromEntries(automatic),
    [label('title')]: 'Hail',
    [`x.${label('version')}`]: '1',
    [`${label('version')}.x`]: '2',
  };
  expect(linesOf({}, { ...hail, build: plannedBuild({ labels }) })).toContain(`
  labels           ${label('title')}=Hail,
                   x.${label('version')}=1,
                   ${label('version')}.x=2
`);
});

test('lists go on in the next line where an entry would make one longer than 80 characters', () => {
  const ids = (lengths: readonly number[]) =>
    plannedBuild({ secrets: lengths.map((length) => ({ id: 'x'.repeat(length), env: 'X' })) });
  const shown = (...lengths: readonly number[]) =>
    linesOf({}, { ...hail, build: ids(lengths) })
      .split('\n')
      .filter((line) => line.includes('xx'))
      .map((line) => line.length);
  expect(shown(29, 30)).toStrictEqual([80]);
  expect(shown(29, 31)).toStrictEqual([49, 50]);
  const many = linesOf({}, { ...hail, build: ids(Array.from({ length: 20 }, () => 2)) });
  expect(many).not.toContain('more');
  expect(linesOf({}, { ...hail, build: ids(Array.from({ length: 21 }, () => 2)) })).toContain(
    'xx, 1 more\n',
  );
});

test('tests on all platforms have none behind their names, and what holds for tags is told together', () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const tests = [
    plannedTest({ name: 'all', platforms, timeout: 300_000 }),
    plannedTest({ name: 'slow', timeout: 1_000 }),
  ];
  const targets = [
    {
      ...{ repository: 'ghcr.io/wp/hail', tags: ['1'] },
      ...{ existing: 'fail' as const, replaces: ['linux/arm64', 'linux/s390x'] },
    },
  ];
  const text = linesOf({ push: true }, { ...hail, platforms, tests, targets });
  expect(text).toContain('  tests            all, slow (timeout 1s)\n');
  expect(text).toContain(
    '  → ghcr.io/wp/hail:1 (existing: fail; may lose linux/arm64, linux/s390x)\n',
  );
});

test('an image with tests for other platforms is only started on this one', () => {
  const tests = [plannedTest({ platforms: ['linux/arm64'], timeout: 300_000 })];
  const image = { ...hail, platforms: ['linux/amd64', 'linux/arm64'], tests };
  expect(linesOf({}, image)).toContain(
    '  linux/amd64      no tests; its program is started\n  linux/arm64      1 test\n',
  );
});

test('what holds for a run has its lines even where there is one of them', () => {
  expect(linesOf({ grants: ['mounts', 'ssh'] }, hail)).toMatch(/\n\ngrants: mounts, ssh\n$/);
  expect(linesOf({ severities: { 'go-main': 'off', 'tree-differs': 'error' } }, hail)).toMatch(
    /\n\nseverities: go-main: off, tree-differs: error\n$/,
  );
});

test.each([
  [[], 'A plan of 0 images, 0 trials; nothing was started.'],
  [[hail], 'A plan of 1 image, 1 trial; nothing was started.'],
  [[hail, plannedImage()], 'A plan of 2 images, 3 trials; nothing was started.'],
])('a plan is a heading, too', (images, heading) => {
  expect(planHeading(planOf({ images }))).toBe(heading);
});

test('a platform shows what placeholders make of its build', () => {
  const image = plannedImage({
    build: plannedBuild({ args: { ARCH: '{arch}', V: '1' }, context: 'of/{arch}' }),
    perPlatform: {
      'linux/amd64': { args: { ARCH: 'amd64', V: '1' }, context: 'of/amd64' },
      'linux/arm64': { target: 'slim', contexts: { lib: 'b' }, args: { ARCH: 'arm64', V: '1' } },
    },
  });
  const text = linesOf({}, image);
  expect(text).toMatch(/arguments +ARCH=\{arch\}, V=1$/m);
  expect(text).toMatch(/linux\/amd64 .*; context of\/amd64; ARCH=amd64$/m);
  expect(text).toMatch(/linux\/arm64 .*; target slim; ARCH=arm64; lib=b$/m);
});

test('bases, as they can be pinned, or why not', () => {
  expect(baseLines({})).toEqual([]);
  expect(baseLines({ bases: [] })).toEqual(['bases', '  none', '']);
  const base = { image: 'hail', line: 3, reference: 'busybox:1.37' };
  expect(
    baseLines({
      bases: [
        { ...base, pinned: 'busybox:1.37@sha256:aa' },
        { ...base, pinned: 'busybox@sha256:aa', reason: 'is pinned' },
        { ...base, reason: 'cannot be read: no such registry' },
      ],
    }),
  ).toEqual([
    'bases',
    '  hail, line 3  busybox:1.37 can be pinned as busybox:1.37@sha256:aa',
    '  hail, line 3  busybox:1.37 is pinned',
    '  hail, line 3  busybox:1.37 cannot be read: no such registry',
    '',
  ]);
});

test.each<[string, readonly string[], string | undefined]>([
  ['x64', ['linux/amd64', 'linux/386'], undefined],
  [
    'x64',
    ['linux/amd64', 'linux/arm64'],
    'This machine is linux/amd64: linux/arm64 is built and tested under emulation, unless the engine or a node of the builder is a machine for it.',
  ],
  [
    'arm64',
    ['linux/arm/v7', 'linux/amd64', 'linux/s390x'],
    'This machine is linux/arm64: linux/amd64 and linux/s390x are built and tested under emulation, unless the engine or a node of the builder is a machine for them.',
  ],
])('on %s, %j: what is emulated', (architecture, platforms, words) => {
  const plan = planOf({ images: [{ ...hail, platforms }] });
  expect(emulationWords(plan, architecture)).toBe(words);
});
