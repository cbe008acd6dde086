import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { LayerFacts } from '../../src/contents/index.js';
import type { PlannedTest } from '../../src/evidence/index.js';
import { inspect } from '../../src/inspect/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { buildGoPrograms, type GoPrograms, MODULE } from '../contents/go-programs.js';
import { scan } from '../contents/scanned.js';
import { type RawEntry, rawTar } from '../oci/raw-tar.js';
import { plannedBuild, plannedBuildpack, plannedTest } from '../plans.js';

let go: GoPrograms;
beforeAll(() => {
  go = buildGoPrograms();
  // Go's own library is compiled for five architectures where its cache is cold.
}, 300_000);

const build = plannedBuild();

function config(architecture: string, layers: readonly LayerFacts[]): ImageConfig {
  return {
    os: 'linux',
    architecture,
    entrypoint: ['app'],
    command: [],
    shell: [],
    env: [],
    labels: new Map(),
    diffIds: layers.map(({ diffId }) => diffId ?? ''),
    history: layers.map(() => ({ createdBy: 'COPY --from=build /out/ /', emptyLayer: false })),
  };
}

async function inspectImage(
  architecture: string,
  entries: readonly RawEntry[],
  goMain?: string,
  problems: readonly string[] = [],
) {
  const layers = [await scan(gzipSync(rawTar(entries)))];
  const image = { id: 'greeter', expect: goMain === undefined ? {} : { goMain }, build, tests: [] };
  return inspect(
    { image, platform: `linux/${architecture}` },
    { config: config(architecture, layers), layers, problems },
    { ticks: () => 0 },
  );
}

const app = (architecture: string): RawEntry => ({
  path: 'usr/local/bin/app',
  content: go.programs.get(architecture) ?? '',
  mode: 0o755,
});

test.each(['amd64', 'arm64', 's390x', 'ppc64le'])('a right image for %s', async (architecture) => {
  const { contents, findings } = await inspectImage(
    architecture,
    [app(architecture)],
    `^${MODULE}$`,
  );
  expect(findings).toEqual([]);
  expect(contents).toEqual({
    files: 4,
    programs: [
      {
        path: '/usr/local/bin/app',
        role: 'entrypoint',
        layer: 1,
        size: go.programs.get(architecture)?.length,
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        elf: expect.objectContaining({ architecture }),
        go: expect.objectContaining({ path: MODULE, toolchain: go.version }),
      },
    ],
  });
});

test.each([
  ['FROM golang:1.26 AS b\nFROM debian:12 AS base\nFROM base\nCOPY --from=b /x /x', 'debian:12'],
  ['ARG V=3\nFROM alpine:$V', 'alpine:3'],
  ['FROM scratch', undefined],
  ['FROM $NOTHING', undefined],
])('the base that %j has', async (dockerfile, base) => {
  const layers = [await scan(gzipSync(rawTar([])))];
  const { contents } = inspect(
    { image: { id: 'x', expect: {}, build, tests: [] }, platform: 'linux/arm64', dockerfile },
    { config: config('arm64', layers), layers, problems: [] },
    { ticks: () => 0 },
  );
  expect(contents.base).toBe(base);
});

test('an amd64 program in an image for arm64, built from a file', async () => {
  const program = { path: 'usr/local/bin/app', content: go.fromFile, mode: 0o755 };
  const { findings } = await inspectImage('arm64', [program], `^${MODULE}$`);
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['arch-mismatch', 'error'],
    ['go-main', 'error'],
  ]);
});

test('everything that is wrong is told together', async () => {
  const { findings } = await inspectImage(
    'arm64',
    [
      { path: 'usr/bin/app', content: '#!/usr/bin/bash\n', mode: 0o755 },
      { path: 'lib/other', content: go.programs.get('s390x') ?? '', mode: 0o755 },
    ],
    'example\\.com',
    ['layer a is not b'],
  );
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['digest-mismatch', 'error'],
    ['arch-mismatch', 'warning'],
    ['interpreter-missing', 'error'],
    ['go-main', 'error'],
  ]);
  for (const { subject } of findings) {
    expect(subject).toMatchObject({ image: 'greeter', platform: 'linux/arm64' });
  }
});

test('keeps at most 200 programs, the started ones first', async () => {
  const content = go.programs.get('arm') ?? '';
  const many = Array.from({ length: 210 }, (_, number) => ({
    path: `bin/a${number}`,
    content,
    mode: 0o755,
  }));
  const { contents } = await inspectImage('arm', [...many, { ...app('arm'), path: 'bin/app' }]);
  expect(contents.programs).toHaveLength(200);
  expect(contents.programs[0]).toMatchObject({ path: '/bin/app', role: 'entrypoint' });
  expect(contents.programs[199]).toMatchObject({ role: 'other' });
});

describe('what a test runs', () => {
  const program = (path: string, architecture: string): RawEntry => ({
    path,
    content: go.programs.get(architecture) ?? '',
    mode: 0o755,
  });
  const runs = (more: Parameters<typeof plannedTest>[0] = {}) =>
    plannedTest({ run: { exec: ['/bin/tool'] }, ...more });

  async function inspected(tests: readonly PlannedTest[], entries: readonly RawEntry[]) {
    const layers = [await scan(gzipSync(rawTar(entries)))];
    return inspect(
      { image: { id: 'greeter', expect: {}, build, tests }, platform: 'linux/arm64' },
      { config: config('arm64', layers), layers, problems: [] },
      { ticks: () => 0 },
    );
  }

  test.each<[string, Parameters<typeof plannedTest>[0], string]>([
    ['in a container of the image is needed', {}, 'error'],
    ['on its platform is needed', { platforms: ['linux/arm64'] }, 'error'],
    ['on another platform is not', { platforms: ['linux/s390x'] }, 'warning'],
    ['on the host is not', { kind: 'host' }, 'warning'],
  ])('%s: a wrong one is an error or a warning', async (_, more, severity) => {
    const { findings } = await inspected(
      [runs(more)],
      [app('arm64'), program('bin/tool', 'amd64')],
    );
    expect(findings.map((one) => [one.code, one.severity])).toEqual([['arch-mismatch', severity]]);
  });

  test('is known by its path and what it is compiled for, in a container alone', async () => {
    const { programOf } = await inspected([], [app('arm64'), program('bin/tool', 'amd64')]);
    expect(programOf(runs())).toEqual({ path: '/bin/tool', architecture: 'amd64' });
    expect(programOf(runs({ run: { exec: ['/bin/none'] } }))).toStrictEqual({ path: '/bin/none' });
    expect(programOf(runs({ kind: 'host' }))).toBeUndefined();
  });
});

test('Go programs are listed by their paths, and no other program and no text is', async () => {
  const { contents } = await inspectImage('arm64', [
    app('arm64'),
    { path: 'z/tool', content: go.programs.get('arm64') ?? '', mode: 0o755 },
    { path: 'a/tool', content: go.programs.get('arm64') ?? '', mode: 0o755 },
    { path: 'm/tool', content: go.programs.get('arm64') ?? '', mode: 0o755 },
    { path: 'k/tool', content: go.programs.get('arm64') ?? '', mode: 0o755 },
    { path: 'b/script', content: '#!/usr/local/bin/app\n', mode: 0o755 },
    { path: 'b/text', content: 'text', mode: 0o755 },
  ]);
  expect(contents.programs.map(({ path, role }) => [path, role])).toEqual([
    ['/usr/local/bin/app', 'entrypoint'],
    ['/a/tool', 'other'],
    ['/k/tool', 'other'],
    ['/m/tool', 'other'],
    ['/z/tool', 'other'],
  ]);
});

test('what is inconsistent is said in a sentence', async () => {
  const { findings } = await inspectImage('arm64', [app('arm64')], undefined, ['layer a is not b']);
  expect(findings).toMatchObject([
    { code: 'digest-mismatch', message: 'The image is inconsistent: layer a is not b.' },
  ]);
});

test('what a lock expects of an image is compared with what it is', async () => {
  const layers = [await scan(gzipSync(rawTar([app('arm64')])))];
  const location = { file: 'sea-trial.lock', line: 3 };
  const expected = {
    location,
    buildpacks: ['heroku/python@0.25.0'],
    lifecycle: '0.21.17',
    runImage: { reference: 'r.io/run:1', digests: [], diffIds: [] },
  };
  const found = (more: object) =>
    inspect(
      {
        image: { id: 'app', expect: {}, build: plannedBuildpack(), tests: [] },
        platform: 'linux/arm64',
        ...more,
      },
      { config: config('arm64', layers), layers, problems: [] },
      { ticks: () => 0 },
    ).findings.filter(({ code }) => code === 'parity-differs');
  expect(found({})).toEqual([]);
  expect(found({ expected }).length).toBeGreaterThan(0);
});

test('an image from buildpacks has a launcher, and one from a Dockerfile needs none', async () => {
  const layers = [await scan(gzipSync(rawTar([app('arm64')])))];
  const codes = (kind: 'dockerfile' | 'buildpack') => {
    const planned = kind === 'buildpack' ? plannedBuildpack() : build;
    const image = { id: 'app', expect: {}, build: planned, tests: [] };
    const built = { config: config('arm64', layers), layers, problems: [] };
    const { findings } = inspect({ image, platform: 'linux/arm64' }, built, { ticks: () => 0 });
    return findings.filter(({ code }) => code === 'launcher-missing').map(({ message }) => message);
  };
  expect(codes('buildpack')).toContain('The image has no launcher.');
  expect(codes('dockerfile')).toEqual([]);
});

test('a base is for another platform where most of its programs are, whatever texts it has', async () => {
  const texts = Array.from({ length: 9 }, (_, at) => ({ path: `etc/${at}`, content: 'text' }));
  const tool = { ...app('amd64'), path: 'opt/tool' };
  const layers = await Promise.all(
    [[tool, ...texts], [app('arm64')]].map((entries) => scan(gzipSync(rawTar(entries)))),
  );
  const history = ['# debian', 'COPY app /usr/local/bin/app'].map((createdBy) => ({
    ...{ createdBy, emptyLayer: false },
    ...(createdBy.startsWith('COPY') ? { comment: 'buildkit.dockerfile.v0' } : {}),
  }));
  const dockerfile = 'FROM debian:12\nCOPY app /usr/local/bin/app\n';
  const { findings, baseLayers } = inspect(
    { image: { id: 'x', expect: {}, build, tests: [] }, platform: 'linux/arm64', dockerfile },
    { config: { ...config('arm64', layers), history }, layers, problems: [] },
    { ticks: () => 0 },
  );
  expect(baseLayers).toBe(1);
  expect(findings.map(({ code, detail }) => [code, detail])).toEqual([
    ['arch-mismatch', ['1 of its ELF files are for amd64']],
  ]);
});
