import { describe, expect, test } from '@jest/globals';
import { packArguments } from '../../../src/build/buildpack/command.js';
import { packEnvironment } from '../../../src/build/buildpack/environment.js';
import { publishedDigest } from '../../../src/build/buildpack/report.js';
import { cacheVolume } from '../../../src/engine/index.js';
import type { BuildpackPlan } from '../../../src/evidence/index.js';
import { buildpackOrder } from './order.js';

const place = {
  name: '172.18.0.1:4000/n/s/app:built',
  network: 'n',
  report: '/run/report',
  descriptor: '/run/p.toml',
  application: '/work/web app',
  bindings: [],
};
const argumentsOf = (plan: Partial<BuildpackPlan> = {}) =>
  packArguments(buildpackOrder(plan), place);

/** What stands behind each of these flags. */
const valuesOf = (args: readonly string[], flag: string) =>
  args.flatMap((arg, at) => (arg === flag ? [args[at + 1]] : []));

describe('the arguments of pack', () => {
  test('publish one platform to the registry of the build, by builder and run image with digest', () => {
    expect(argumentsOf()).toEqual([
      ...['build', '172.18.0.1:4000/n/s/app:built', '--path', '/work/web app'],
      ...['--builder', `heroku/builder@sha256:${'b'.repeat(64)}`, '--platform', 'linux/arm64'],
      ...['--network', 'n', '--publish', '--trust-builder', '--trust-extra-buildpacks'],
      ...['--no-color', '--verbose', '--pull-policy', 'if-not-present'],
      ...['--run-image', `heroku/heroku@sha256:${'c'.repeat(64)}`],
      ...['--cache', `type=build;format=volume;name=${cacheVolume(buildpackOrder().cache)}`],
      ...['--descriptor', '/run/p.toml'],
      ...['--report-output-dir', '/run/report'],
    ]);
  });

  test('have the cache in the registry of the build where registries keep it', () => {
    const cacheImage = '172.18.0.1:4000/n/s/cache:built';
    expect(valuesOf(packArguments(buildpackOrder(), { ...place, cacheImage }), '--cache')).toEqual([
      `type=build;format=image;name=${cacheImage}`,
    ]);
  });

  test('hold what the plan says, each as a word of its own', () => {
    const args = argumentsOf({
      descriptor: 'deploy/project.toml',
      env: { BP_A: 'x y=z', EMPTY: '' },
      process: 'worker',
      creationTime: '1641013200',
      volumes: ['/tmp/a:/b:ro', './data:/c:rw', 'models:/d:ro'],
    });
    expect(valuesOf(args, '--path')).toEqual(['/work/web app']);
    // What it says is in the plan.
    expect(valuesOf(args, '--descriptor')).toEqual(['/run/p.toml']);
    expect(valuesOf(args, '--env')).toEqual(['BP_A=x y=z', 'EMPTY=']);
    expect(valuesOf(args, '--default-process')).toEqual(['worker']);
    expect(valuesOf(args, '--creation-time')).toEqual(['1641013200']);
    expect(valuesOf(args, '--volume')).toEqual([
      '/tmp/a:/b:ro',
      '/work/data:/c:rw',
      'models:/d:ro',
    ]);
  });

  test('name buildpacks as the plan does, and their folders from the root on', () => {
    const buildpacks = [
      'urn:cnb:builder:heroku/python@0.25.0',
      './buildpacks/apt',
      'docker://ghcr.io/acme/bp:1',
      'from=builder',
    ];
    expect(valuesOf(argumentsOf({ buildpacks }), '--buildpack')).toEqual([
      'urn:cnb:builder:heroku/python@0.25.0',
      '/work/buildpacks/apt',
      'docker://ghcr.io/acme/bp:1',
      'from=builder',
    ]);
  });

  test('bring buildpacks before the order into the order in which they are written', () => {
    const args = argumentsOf({
      preBuildpacks: ['./first', './second'],
      postBuildpacks: ['./x', './y'],
    });
    // pack puts each before those that it has.
    expect(valuesOf(args, '--pre-buildpack')).toEqual(['/work/second', '/work/first']);
    expect(valuesOf(args, '--post-buildpack')).toEqual(['/work/x', '/work/y']);
  });

  test('trust a builder that could read a login only where the plan does', () => {
    const trusts = (trustBuilder: boolean, registry?: string) => {
      const logins = registry === undefined ? {} : { [registry]: { auth: 'x' } };
      const args = packArguments(buildpackOrder({ trustBuilder }, { logins }), place);
      return args.includes('--trust-builder');
    };
    const ofRunImage = 'https://index.docker.io/v1/';
    expect(trusts(false)).toBe(true);
    expect(trusts(true, ofRunImage)).toBe(true);
    expect(trusts(false, ofRunImage)).toBe(false);
    // That of the builder is the engine's alone.
    expect(trusts(false, 'ghcr.io')).toBe(true);
  });
});

describe('the environment of pack', () => {
  const tools = { dockerConfig: '/run/docker', untrusted: false, proxies: {} };
  const here = { home: '/run/home', gateway: '172.18.0.1' };

  test('holds no way to logins, keys and settings of the user', () => {
    const env = packEnvironment(
      {
        PATH: '/bin',
        HOME: '/root',
        DOCKER_CONFIG: '/root/.docker',
        DOCKER_AUTH_CONFIG: '{"auths":{}}',
        DOCKER_HOST: 'unix:///run/docker.sock',
        XDG_RUNTIME_DIR: '/run/user/0',
        SSH_AUTH_SOCK: '/run/agent',
        AWS_ACCESS_KEY_ID: 'A',
        GITHUB_TOKEN: 'T',
        PACK_HOME: '/root/.pack',
      },
      here,
      { ...tools, engineHost: 'unix:///other.sock' },
    );
    expect(env).toEqual({
      PATH: '/bin',
      HOME: '/run/home',
      PACK_HOME: '/run/home',
      PACK_VOLUME_KEY: 'sea-trial',
      DOCKER_CONFIG: '/run/docker',
      DOCKER_HOST: 'unix:///run/docker.sock',
      NO_PROXY: '172.18.0.1',
      no_proxy: '172.18.0.1',
    });
  });

  test('holds no login of a proxy in an untrusted run, for buildpacks see it', () => {
    const proxies = {
      HTTP_PROXY: 'http://user:pass@proxy:3128',
      HTTPS_PROXY: 'user:p/a@ss@proxy:3128',
    };
    const seen = (untrusted: boolean) =>
      packEnvironment({}, here, { ...tools, proxies, untrusted });
    expect(seen(false)).toMatchObject({ ...proxies, http_proxy: proxies.HTTP_PROXY });
    expect(seen(true)).toMatchObject({
      HTTP_PROXY: 'http://proxy:3128',
      http_proxy: 'http://proxy:3128',
      HTTPS_PROXY: 'proxy:3128',
      https_proxy: 'proxy:3128',
    });
  });

  test('leads to the engine of the docker context, and past proxies to the registry of the build', () => {
    const proxies = { HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'internal' };
    const env = {
      HTTPS_PROXY: 'http://of-this-process:1',
      https_proxy: 'http://of-this-process:1',
    };
    const more = { ...tools, proxies, engineHost: 'unix:///other.sock' };
    const found = packEnvironment(env, here, more);
    expect(found).toMatchObject({
      DOCKER_HOST: 'unix:///other.sock',
      HTTP_PROXY: 'http://proxy:3128',
      NO_PROXY: 'internal,172.18.0.1',
      no_proxy: 'internal,172.18.0.1',
    });
    // Those of builds are decided once.
    expect(Object.keys(found)).not.toContain('HTTPS_PROXY');
    expect(Object.keys(found)).not.toContain('https_proxy');
  });
});

describe('the report of the lifecycle', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  test.each([
    [`[image]\n  tags = ["r/a:1"]\n  digest = "${digest}"\n  manifest-size = 1836\n`, digest],
    ['[image]\n  image-id = "abc"\n', undefined],
    ['[image]\n  digest = "sha256:short"\n', undefined],
    ['image = "none"\n', undefined],
    ['[image\n', undefined],
    ['', undefined],
  ])('names the digest of the image, or none: %j', (text, found) => {
    expect(publishedDigest(text)).toBe(found);
  });
});
