// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { imageOn, imagesAsBuilt } from '../../src/evidence/index.js';
import { plan as schema } from '../../src/evidence/schema.js';
import { checkoutOf, outsideOf } from '../../src/plan/index.js';
import { realPorts } from '../../src/ports/index.js';
import { load, request, UNTRUSTED } from '../config/memory.js';
import { fromDockerfile } from '../plans.js';
import { type Content, planned, problems, removeFolders, repository, write } from './repository.js';

/* Builds that placeholders make others on each platform: what is judged of a build is judged of each. */

afterEach(removeFolders);

const BOTH = 'platforms: [linux/amd64, linux/arm64]';

function yaml(build: string, ...more: readonly string[]): string {
  const lines = ['  - name: ghcr.io/acme/manager', `    ${BOTH}`, `    build: ${build}`, ...more];
  return `images:\n${lines.join('\n')}\n`;
}

const FILES: Content = {
  Dockerfile: 'ARG ARCH\nFROM gcr.io/distroless/static:nonroot-${ARCH}\n',
  'of/amd64/Dockerfile': 'FROM busybox:1\n',
  'of/arm64/Dockerfile': '# syntax=acme/reader:1\n\nFROM alpine:3\n',
};

const files = (build: string, ...more: readonly string[]): Content => ({
  ...FILES,
  'sea-trial.yml': yaml(build, ...more),
});

test('the plan has the build as it is written, and what differs from it on each platform', async () => {
  const root = await repository(
    files("{ args: { ARCH: '{arch}', V: '1' }, labels: { built: 'for {platform}' } }"),
  );
  const { plan } = await planned(root);
  expect(v.parse(schema, plan)).toEqual(plan);
  const [image] = plan.images;
  if (image === undefined) throw new Error('there is no image');
  expect(fromDockerfile(image.build).args).toEqual({ ARCH: '{arch}', V: '1' });
  const labels = { ...fromDockerfile(image.build).labels };
  expect(image.perPlatform).toEqual({
    'linux/amd64': {
      args: { ARCH: 'amd64', V: '1' },
      labels: { ...labels, built: 'for linux/amd64' },
    },
    'linux/arm64': {
      args: { ARCH: 'arm64', V: '1' },
      labels: { ...labels, built: 'for linux/arm64' },
    },
  });
  expect(fromDockerfile(imageOn(image, 'linux/arm64').build)).toEqual({
    ...image.build,
    ...image.perPlatform?.['linux/arm64'],
  });
  expect(imagesAsBuilt([image]).map(({ platforms }) => platforms)).toEqual([
    ['linux/amd64'],
    ['linux/arm64'],
  ]);
});

test('a part of the platforms has the builds of these', async () => {
  const root = await repository(files("{ args: { ARCH: '{arch}' } }"));
  const { plan } = await planned(root, { platforms: ['arm64'] });
  expect(plan.images.map(({ perPlatform }) => Object.keys(perPlatform ?? {}))).toEqual([
    ['linux/arm64'],
  ]);
});

test('bases may be other references on each platform', async () => {
  const root = await repository(files("{ args: { ARCH: '{arch}' } }"));
  const { bases } = await planned(root);
  expect(bases.get('manager')).toEqual(
    ['amd64', 'arm64'].map((arch) => ({
      reference: `gcr.io/distroless/static:nonroot-${arch}`,
      line: 2,
      pinned: false,
      file: 'Dockerfile',
      platforms: [`linux/${arch}`],
    })),
  );
});

test('bases that the platform chooses are those of their platforms', async () => {
  const lines = [
    'FROM busybox:1 AS amd64',
    'FROM alpine:3 AS arm64',
    `FROM \${TARGETARCH:-amd64} AS bin`,
    `FROM static:\${TARGETARCH}`,
    'COPY --from=bin /app /',
    'COPY --from=tools:1 /t /',
  ];
  const root = await repository({ ...files("'.'"), Dockerfile: lines.join('\n') });
  const { bases } = await planned(root);
  const of = (...archs: readonly string[]) => ({
    file: 'Dockerfile',
    platforms: archs.map((arch) => `linux/${arch}`),
  });
  const base = (reference: string, line: number) => ({ reference, line, pinned: false });
  expect(bases.get('manager')).toEqual([
    { ...base('busybox:1', 1), ...of('amd64') },
    { ...base('alpine:3', 2), unused: true, ...of('amd64') },
    { ...base('static:amd64', 4), ...of('amd64') },
    base('tools:1', 6),
    { ...base('busybox:1', 1), unused: true, ...of('arm64') },
    { ...base('alpine:3', 2), ...of('arm64') },
    { ...base('static:arm64', 4), ...of('arm64') },
  ]);
});

test('a Dockerfile of each platform has its own bases and reader', async () => {
  const root = await repository(files("'of/{arch}'"));
  const { bases, frontends } = await planned(root);
  const place = (arch: string) => ({
    pinned: false,
    file: `of/${arch}/Dockerfile`,
    platforms: [`linux/${arch}`],
  });
  expect(bases.get('manager')).toEqual([
    { reference: 'busybox:1', line: 1, ...place('amd64') },
    { reference: 'alpine:3', line: 3, ...place('arm64') },
  ]);
  expect(frontends.get('manager')).toEqual([
    { reference: 'acme/reader:1', line: 1, ...place('arm64') },
  ]);
});

test.each<[string, string, readonly string[]]>([
  ['a folder that one platform lacks', "'gone/{arch}'", ['amd64', 'arm64']],
  ['a Dockerfile', "{ dockerfile: '{arch}.Dockerfile' }", ['amd64', 'arm64']],
  ['a named folder', "{ additional_contexts: { lib: 'of/{arch}/{os}' } }", ['amd64', 'arm64']],
  ['a stage', "{ target: 'for-{arch}' }", ['amd64', 'arm64']],
])('%s is a problem for each platform', async (_what, build, named) => {
  const root = await repository(files(build));
  const found = await problems(root);
  expect(found.map((one) => named.filter((name) => one.includes(name)))).toEqual(
    named.map((name) => [name]),
  );
});

test('a path needs its grant on the platform where it leads outside', async () => {
  const root = await repository(
    files("'of/{arch}'", "    tests: [{ run: x, mounts: ['of/{arch}/m:/m'] }]"),
  );
  await symlink('/etc', join(root, 'of/arm64/m'));
  expect(await problems(root)).toEqual([
    expect.stringContaining('there is nothing at "of/amd64/m"'),
    expect.stringContaining('mount "of/arm64/m" goes through a symbolic link; it needs the grant'),
  ]);
  const other = await repository({
    'sea-trial.yml': yaml("'of/{arch}'"),
    'of/amd64/Dockerfile': 'FROM a\n',
  });
  await symlink('/etc', join(other, 'of/arm64'));
  expect(await problems(other, { ...UNTRUSTED })).toContainEqual(
    expect.stringContaining('context "of/arm64" goes through a symbolic link'),
  );
});

test('what one platform has outside the checkout counts for its trust', async () => {
  const root = await repository({
    'sea-trial.yml': yaml("'of/{arch}'"),
    'of/amd64/Dockerfile': '',
  });
  await symlink('/etc', join(root, 'of/arm64'));
  const asked = request({ root });
  const ports = realPorts();
  const checkout = await checkoutOf(asked, { ...ports, env: { PATH: process.env.PATH } });
  if (checkout === undefined) throw new Error('there is no checkout');
  const config = await load(yaml("'of/{arch}'"), { root: '/work' });
  expect(await outsideOf(checkout, { images: config.images }, asked, ports)).toEqual([
    'of/arm64',
    'of/arm64/Dockerfile',
  ]);
});

test('files that stand in the contexts of two platforms and look alike are seen', async () => {
  const root = await repository(files("'of/{arch}'"));
  const same = { 'of/amd64/name': 'amd64', 'of/arm64/name': 'arm64' };
  await write(root, same);
  for (const path of Object.keys(same)) await utimes(join(root, path), 1000, 1000);
  const { lookAlikes } = await planned(root);
  expect(lookAlikes).toEqual([
    { images: ['manager', 'manager'], files: ['of/amd64/name', 'of/arm64/name'] },
  ]);
});

test('an untrusted run keeps a cache from the reader that one platform names', async () => {
  const cached = "{ context: 'of/{arch}', cache_from: ['type=gha'] }";
  const { plan } = await planned(await repository(files(cached)), { ...UNTRUSTED });
  expect(plan.images.map(({ build }) => build.cacheFrom)).toEqual([[]]);
  const own = { ...files(cached), 'of/arm64/Dockerfile': 'FROM alpine:3\n' };
  const { plan: kept } = await planned(await repository(own), { ...UNTRUSTED });
  expect(kept.images.map(({ build }) => build.cacheFrom)).toEqual([['type=gha']]);
});

test('a word that looks like a placeholder and stays is a note of the plan', async () => {
  const root = await repository(files('.', '    tests: [{ name: a, run: "echo {Arch}" }]'));
  expect((await planned(root)).notes).toContainEqual(expect.stringContaining('"{Arch}" stays'));
});

test('tests of one name are refused only where one platform has both', async () => {
  const tests = (first: string, second: string) =>
    `    tests: [{ name: a, ${first} run: x }, { name: a, ${second} run: y }]`;
  const both = async (first: string, second: string) =>
    problems(await repository(files('.', tests(first, second))));
  expect(await both('platforms: [amd64],', 'platforms: [arm64],')).toEqual([]);
  expect(await both('platforms: [amd64],', '')).toEqual([
    expect.stringContaining('test "a" appears twice'),
  ]);
});

test('an argument that BuildKit sets is used where one platform names it', async () => {
  const root = await repository({
    'of/amd64/Dockerfile': 'FROM a\nARG TARGETOS\n',
    'of/arm64/Dockerfile': 'FROM a:$TARGETOS\n',
    'sea-trial.yml': yaml("{ dockerfile: 'of/{arch}/Dockerfile', args: { TARGETOS: linux } }"),
  });
  const { findings } = await planned(root);
  expect(findings.filter(({ code }) => code === 'argument-unused')).toStrictEqual([]);
  await write(root, { 'of/amd64/Dockerfile': 'FROM a\n' });
  expect((await planned(root)).findings.filter(({ code }) => code === 'argument-unused')).toEqual(
    [],
  );
});

test('what the Dockerfile of one platform takes is not unused on the others', async () => {
  const root = await repository({
    'of/amd64/Dockerfile': 'FROM a\nARG ONE\nARG SET\nRUN --mount=type=secret,id=one true\n',
    'of/arm64/Dockerfile': 'FROM a\n',
    'sea-trial.yml': yaml(
      "{ dockerfile: 'of/{arch}/Dockerfile', args: { ONE: '1', NONE: '1', TARGETOS: linux }, secrets: [{ id: one, env: HOME }, { id: none, env: HOME }] }",
    ),
  });
  const { findings } = await planned(root, { grants: ['secrets'] }, { HOME: '/root' });
  const codes = ['argument-unused', 'secret-unused'];
  expect(
    findings
      .filter(({ code }) => codes.includes(code))
      .map(({ message }) => message.replace(/; .*|\.$/, '')),
  ).toEqual([
    'No ARG of of/amd64/Dockerfile takes the build argument "NONE"',
    'No ARG of of/amd64/Dockerfile takes the build argument "TARGETOS"',
    'No RUN of of/amd64/Dockerfile mounts the secret "none"',
    'No ARG of of/arm64/Dockerfile takes the build argument "NONE"',
    'No ARG of of/arm64/Dockerfile takes the build argument "TARGETOS"',
    'No RUN of of/arm64/Dockerfile mounts the secret "none"',
  ]);
});
