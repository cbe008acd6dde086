import { describe, expect, test } from '@jest/globals';
import type { BuildPlan } from '../../src/evidence/index.js';
import { buildOptions, writeBuild } from '../../src/kinds/index.js';
import { load } from '../config/memory.js';
import { plannedBuild, plannedBuildpack } from '../plans.js';

/* What a plan has of a build, as a file says it, and as it is read again. */

const FILES = { Dockerfile: '', 'app/Containerfile': '', 'app/app.py': '', 'app/other.toml': '' };

/** The build of an image whose file says what the plan has. */
async function readAgain(plan: BuildPlan) {
  const text = JSON.stringify({ images: [{ name: 'acme/a', build: writeBuild(plan) }] });
  const { images, problems } = await load({ ...FILES, 'sea-trial.yml': text });
  expect(problems).toEqual([]);
  const [image] = images;
  if (image === undefined) throw new Error('there is no image');
  return image.build;
}

const values = (found: readonly { readonly value: string }[]) => found.map(({ value }) => value);

describe('a build from a Dockerfile', () => {
  test('is written as the plan has it, and read as it was', async () => {
    const plan = plannedBuild({
      context: 'app',
      file: 'app/Containerfile',
      target: 'final',
      args: { VERSION: '1.10' },
      contexts: { shared: 'app', remote: 'docker-image://alpine' },
      noCache: true,
      pull: true,
      timeout: 90_000,
      secrets: [{ id: 'token' }, { id: 'key', env: 'KEY' }, { id: 'GIT_AUTH_TOKEN.github.com' }],
      ssh: ['default'],
      network: 'none',
      shmSize: '64m',
      addHosts: ['db:10.0.0.1', 'v6:::1'],
      ulimits: ['nofile=1024:2048', 'nproc=3'],
      cgroupParent: '/x',
      allow: ['security.insecure'],
      provenance: 'mode=max',
      sbom: 'true',
    });
    const build = await readAgain(plan);
    if (build.kind !== 'dockerfile') throw new Error('it is no Dockerfile');
    expect(build).toMatchObject({
      context: { value: 'app' },
      dockerfile: { value: 'app/Containerfile' },
      target: 'final',
      args: { VERSION: '1.10' },
      noCache: true,
      pull: true,
      timeout: 90_000,
      network: { value: 'none' },
      shmSize: '64m',
      addHosts: ['db:10.0.0.1', 'v6:::1'],
      ulimits: ['nofile=1024:2048', 'nproc=3'],
      cgroupParent: { value: '/x' },
      provenance: 'mode=max',
      sbom: 'true',
    });
    expect(build.contexts.map(({ name, value }) => [name, value])).toEqual([
      ['shared', 'app'],
      ['remote', 'docker-image://alpine'],
    ]);
    // The job's token for Git is no secret that a file names.
    expect(build.secrets.map(({ id, env }) => [id, env])).toEqual([
      ['token', undefined],
      ['key', 'KEY'],
    ]);
    expect(build.ssh.map(({ id }) => id)).toEqual(['default']);
    expect(values(build.allow)).toEqual(['security.insecure']);
  });

  test('says nothing of what is so without being said', () => {
    const written = writeBuild(plannedBuild());
    const said = Object.entries(written).filter(
      ([, value]) =>
        value !== undefined && value !== false && Object.keys(Object(value)).length > 0,
    );
    expect(said).toEqual([]);
    // Labels stand beside what the plan adds to them, and are written there.
    const more = { cacheFrom: ['type=gha'], cacheTo: ['type=inline'], labels: { a: 'b' } };
    expect(writeBuild(plannedBuild(more))).toEqual({
      ...written,
      cache_from: ['type=gha'],
      cache_to: ['type=inline'],
    });
  });

  test('of an address has the Dockerfile inside of it', () => {
    const context = 'https://git.example/acme/a.git';
    expect(writeBuild(plannedBuild({ context, file: 'sub/D' }))).toMatchObject({
      context,
      dockerfile: 'sub/D',
    });
  });

  test('has the options of buildx that it needs, and no other ones', () => {
    expect(buildOptions(plannedBuild())).toEqual(['--provenance=mode=min', '--sbom=false']);
    const hosts = plannedBuild({ addHosts: ['a:10.0.0.1', 'b,c:10.0.0.2'] });
    expect(buildOptions(hosts).slice(0, 2)).toEqual([
      '--add-host=a:10.0.0.1',
      '--add-host="b,c:10.0.0.2"',
    ]);
  });
});

describe('a build with buildpacks', () => {
  test('is written as the plan has it, and read as it was', async () => {
    const plan = plannedBuildpack({
      context: 'app',
      builder: 'acme/builder:1',
      flow: 'creator',
      runImage: 'acme/run:1',
      preBuildpacks: ['docker://acme/pre:1', 'urn:cnb:builder:heroku/python@1.2.3', './app'],
      postBuildpacks: ['https://acme.example/post.tgz'],
      env: { A: 'b' },
      process: 'worker',
      descriptor: 'app/other.toml',
      clearCache: true,
      creationTime: '1700000000',
      trustBuilder: true,
      network: 'host',
      volumes: ['./app:/x:ro'],
      bindings: [{ name: 'db', type: 'postgresql', entries: [{ key: 'uri', secret: 'uri' }] }],
      secrets: [{ id: 'uri', env: 'URI' }],
      timeout: 60_000,
    });
    const build = await readAgain(plan);
    if (build.kind !== 'buildpack') throw new Error('it is not from buildpacks');
    expect(build).toMatchObject({
      context: { value: 'app' },
      builder: { value: 'acme/builder:1' },
      flow: { value: 'creator' },
      runImage: { value: 'acme/run:1' },
      env: { A: 'b' },
      process: { value: 'worker' },
      descriptor: { value: 'app/other.toml' },
      clearCache: true,
      creationTime: '1700000000',
      trustBuilder: { value: true },
      network: { value: 'host' },
      bindings: [{ name: 'db', type: 'postgresql', entries: [{ key: 'uri', secret: 'uri' }] }],
      secrets: [{ id: 'uri', env: 'URI' }],
      timeout: 60_000,
    });
    expect(values(build.preBuildpacks)).toEqual(plan.preBuildpacks);
    expect(values(build.postBuildpacks)).toEqual(plan.postBuildpacks);
    expect(values(build.volumes)).toEqual(plan.volumes);
  });

  test('in place of the order of its builder is written and read alike', async () => {
    const buildpacks = ['urn:cnb:builder:heroku/python@1.2.3', 'from=builder', './app'];
    const build = await readAgain(plannedBuildpack({ builder: 'acme/builder:1', buildpacks }));
    expect(build.kind === 'buildpack' && values(build.buildpacks)).toEqual(buildpacks);
  });

  test('says nothing of what is so without being said', () => {
    const plain = plannedBuildpack({ builder: 'acme/builder:1', descriptor: 'project.toml' });
    expect(writeBuild(plain)).toEqual({ buildpack: 'acme/builder:1' });
    expect(writeBuild({ ...plain, env: { A: 'b' } })).toEqual({
      buildpack: { builder: 'acme/builder:1', env: { A: 'b' } },
    });
  });
});
