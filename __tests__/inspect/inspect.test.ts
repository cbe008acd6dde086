import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import type { LayerFacts } from '../../src/contents/index.js';
import { inspect } from '../../src/inspect/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { buildGoPrograms, type GoPrograms, MODULE } from '../contents/go-programs.js';
import { scan } from '../contents/scanned.js';
import { type RawEntry, rawTar } from '../oci/raw-tar.js';
import { plannedBuild } from '../plans.js';

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
