import { afterEach, expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import type { PlannedImage } from '../../src/evidence/index.js';
import { imagesAsFile } from '../../src/report/model/inputs-file.js';
import { type Content, folder, planned, removeFolders, write } from '../plan/repository.js';
import { plannedImage } from '../plans.js';

afterEach(removeFolders);

/** What the inputs make of a project, and the project as a file makes it. */
async function both(inputs: Readonly<Record<string, string>>, files: Content = {}) {
  const root = await folder({
    ...files,
    'app/Dockerfile': 'FROM scratch\n',
    'app/ci/x.Dockerfile': 'FROM scratch\n',
    Dockerfile: 'FROM scratch\n',
    'docs/a': '',
  });
  const asked = fromInputs(new Map(Object.entries(inputs)), { root, env: {} }, ['run', 'plan']);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  const { plan, source } = await planned(root, asked.request);
  const { images } = plan;
  const text = imagesAsFile(images, source);
  await write(root, { 'sea-trial.yml': text });
  const again = await planned(root, { grants: asked.request.grants });
  return { text, images, again: again.plan.images };
}

/** Without its places, which inputs have not. */
function placeless(images: readonly PlannedImage[]) {
  return images.map(({ location: _, ...image }) => ({
    ...image,
    tests: image.tests.map(({ location: _place, ...own }) => own),
  }));
}

test('a short description is a short file', async () => {
  const { text, images, again } = await both({
    tags: 'ghcr.io/acme/greeter:1.4.0',
    platforms: 'linux/amd64,linux/arm64',
    test: 'greeter --version',
  });
  expect(text).toBe(`\
images:
  - name: ghcr.io/acme/greeter
    tags:
      - 1.4.0
    platforms:
      - linux/amd64
      - linux/arm64
    tests: greeter --version
`);
  expect(placeless(again)).toEqual(images);
});

test('all that a trial depends on is in it', async () => {
  const { images, again } = await both({
    tags: 'ghcr.io/acme/greeter:dev,quay.io/acme/other:1.20',
    platforms: 'linux/amd64',
    context: 'app',
    file: 'app/ci/x.Dockerfile',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is not to be replaced.
    test: 'test "$HOME" = "${HOME}" && echo $$',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is not to be replaced.
    'build-args': 'VERSION=1.20\nEMPTY=\nON=true\nNAME=${NAME}',
    'build-contexts': 'docs=docs\nbase=docker-image://busybox:1.37',
    'no-cache': 'true',
    pull: 'true',
    network: 'host',
    allow: 'network.host',
    'add-hosts': 'db:10.0.0.1,v6:::1',
    ulimit: 'nofile=1024:2048\nnproc=64',
    'shm-size': '64m',
    'cgroup-parent': 'build',
    ssh: 'default,key=id_rsa',
    sbom: 'true',
    provenance: 'false',
    'cache-from': 'type=registry,ref=ghcr.io/acme/cache\ntype=local,src=cache',
    'cache-to': 'type=registry,ref=ghcr.io/acme/cache,mode=max',
    labels:
      'com.example.team=a, "quoted" word\norg.opencontainers.image.version=2\norg.opencontainers.image.source=',
    annotations: 'manifest:com.example.team=b\norg.opencontainers.image.title=$Greeter',
  });
  expect(placeless(again)).toEqual(images);
});

test('placeholders stand in it as they were written, and tests as they are on each platform', async () => {
  const { text, images, again } = await both({
    tags: 'ghcr.io/acme/greeter:dev',
    platforms: 'linux/amd64,linux/arm64',
    'build-args': 'ARCH={arch}',
    test: 'test -f /{arch}',
  });
  expect(text).toContain("ARCH: '{arch}'");
  expect(again.map(({ perPlatform }) => perPlatform)).toEqual(
    images.map(({ perPlatform }) => perPlatform),
  );
  expect(placeless(again)).toEqual(images);
  expect(images[0]?.tests.map(({ run, platforms }) => [run, platforms])).toEqual([
    [{ shell: 'test -f /amd64' }, ['linux/amd64']],
    [{ shell: 'test -f /arm64' }, ['linux/arm64']],
  ]);
});

test('a build with buildpacks is in it, in its short form and whole', async () => {
  const builder = { tags: 'a/b:1', platforms: 'linux/amd64', 'builder-image': 'heroku/builder:24' };
  const short = await both(builder);
  expect(short.text).toBe(`\
images:
  - name: a/b
    tags:
      - '1'
    platforms:
      - linux/amd64
    build:
      buildpack: heroku/builder:24
`);
  expect(placeless(short.again)).toEqual(short.images);
  const whole = await both({
    ...builder,
    context: 'app',
    'run-image': 'heroku/heroku:24',
    buildpacks: 'heroku/python@1.2.3, from=builder',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is not to be replaced.
    'buildpack-env': 'A=${B}',
    process: 'web',
    'no-cache': 'true',
  });
  expect(placeless(whole.again)).toEqual(whole.images);
  const head = '[_]\nschema-version = "0.2"\n[io.buildpacks]\nexclude = ["b"]\n';
  const text = `${head}[[io.buildpacks.group]]\nid = "a/b"\n`;
  const described = await both({ ...builder, context: 'docs' }, { 'docs/project.toml': text });
  expect(described.text).not.toContain('project.toml');
  expect(placeless(described.again)).toEqual(described.images);
});

test('what is set by itself is not written; what differs, or is switched off, is', () => {
  const name = (key: string) => `org.opencontainers.image.${key}`;
  const source = { repository: 'https://example.com/a', revision: 'abc' };
  const own = { [name('source')]: source.repository, [name('version')]: '1' };
  const created = { [name('created')]: '2026-01-01T00:00:00Z' };
  const textOf = (labels: Record<string, string>, annotations: Record<string, string>) => {
    const targets = [{ repository: 'acme/x', tags: ['1'] }];
    const image = plannedImage({ id: 'x', targets, annotations, tests: [] });
    const build = { ...image.build, labels } as PlannedImage['build'];
    return imagesAsFile([{ ...image, build }], source);
  };
  const all = { ...own, ...created, [name('revision')]: 'abc' };
  expect(textOf(all, all)).not.toMatch(/labels|annotations/);
  const other = { ...all, [name('version')]: '2' };
  // A label that is written is the annotation, too.
  expect(textOf(other, other)).toContain(`labels:\n        ${name('version')}: '2'\n`);
  expect(textOf(other, other)).not.toContain('annotations');
  const off = textOf({ ...own, ...created }, own);
  expect(off).toContain(`labels:\n        ${name('revision')}: false\n`);
  expect(off).not.toContain('annotations');
  expect(textOf(all, { ...own, title: 'T' })).toContain(
    `annotations:\n      title: T\n      ${name('revision')}: false\n`,
  );
});
