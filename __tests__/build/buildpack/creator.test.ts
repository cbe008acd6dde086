import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { creatorContainer } from '../../../src/build/buildpack/creator.js';
import { creatorFiles } from '../../../src/build/buildpack/creator-files.js';
import { orderToml } from '../../../src/build/buildpack/creator-order.js';
import type { BuildpackOrder } from '../../../src/build/buildpack/order.js';
import type { PlatformBuilder } from '../../../src/buildpacks/index.js';
import { cacheVolume } from '../../../src/engine/index.js';
import type { BuildpackPlan } from '../../../src/evidence/index.js';
import { createTarReader, type TarHeader, writeTar } from '../../../src/oci/index.js';
import { realPorts } from '../../../src/ports/index.js';
import { plannedBuildpack } from '../../plans.js';
import { buildpackOrder } from './order.js';

const python = { id: 'heroku/python', version: '2.0.0' };
const go = { id: 'heroku/go', version: '1.0.0' };
const procfile = { id: 'heroku/procfile', version: '3.0.0', optional: true } as const;
const builder = {
  platform: 'linux/arm64',
  digest: `sha256:${'b'.repeat(64)}`,
  lifecycle: {
    version: '0.21.17',
    buildpackApis: ['0.10'],
    platformApis: ['0.14', '0.15', '0.16'],
  },
  order: [[python, procfile], [go]],
  buildpacks: [{ ...python, version: '1.0.0' }, python, go, procfile],
  user: { uid: 1002, gid: 1003 },
} as unknown as PlatformBuilder;

const LOGINS = { 'https://index.docker.io/v1/': { auth: 'of the run image' } };

const order = (plan: Partial<BuildpackPlan> = {}, more: Partial<BuildpackOrder['pack']> = {}) => ({
  ...buildpackOrder(plan, { files: realPorts().files, labels: { 'sea-trial.run': 'r' }, ...more }),
  platformBuilder: builder,
});

const toml = (plan: Partial<BuildpackPlan>, added = new Map()) =>
  orderToml(plannedBuildpack(plan), builder, added);

/** Groups as `ID@VERSION` with `?` behind what is optional. */
const groups = (text: string | undefined) =>
  (text ?? '')
    .split('[[order]]')
    .slice(1)
    .map((one) =>
      [...one.matchAll(/id = "(.*)"\nversion = "(.*)"(\noptional = true)?/g)].map(
        ([, id, version, optional]) => `${id}@${version}${optional === undefined ? '' : '?'}`,
      ),
    );

describe("the order of the lifecycle's creator", () => {
  test("is the builder's where the plan names no buildpacks", () => {
    expect(toml({})).toBeUndefined();
  });

  test('is that of the plan, an id without a version being the newest of the builder', () => {
    const buildpacks = ['urn:cnb:builder:heroku/python', 'urn:cnb:builder:heroku/go@1.0.0'];
    expect(groups(toml({ buildpacks }))).toEqual([['heroku/python@2.0.0', 'heroku/go@1.0.0']]);
  });

  test("has buildpacks before and behind each group of the builder's", () => {
    const added = new Map([['./apt', { id: 'acme/apt', version: '1' }]]);
    const plan = { preBuildpacks: ['./apt'], postBuildpacks: ['urn:cnb:builder:heroku/procfile'] };
    const expected = [
      ['acme/apt@1', 'heroku/python@2.0.0', 'heroku/procfile@3.0.0?', 'heroku/procfile@3.0.0'],
      ['acme/apt@1', 'heroku/go@1.0.0', 'heroku/procfile@3.0.0'],
    ];
    expect(groups(toml(plan, added))).toEqual(expected);
    const buildpacks = ['./apt', 'from=builder', 'urn:cnb:builder:heroku/procfile'];
    expect(groups(toml({ buildpacks }, added))).toEqual(expected);
  });

  test.each([
    ['docker://ghcr.io/acme/bp:1', 'docker://ghcr.io/acme/bp:1 is neither'],
    ['https://example.org/bp.tgz', 'https://example.org/bp.tgz is neither'],
    ['urn:cnb:builder:heroku/ruby', 'The builder has no heroku/ruby.'],
  ])('is refused in words where it names %s', (one, said) => {
    expect(() => toml({ buildpacks: [one] })).toThrow(
      expect.objectContaining({
        ...{ name: 'EngineError', code: 'failed', said: '' },
        message: expect.stringContaining(said),
      }),
    );
  });
});

describe("the container of the lifecycle's creator", () => {
  const place = { name: '172.18.0.1:4000/n/s/app:built', network: 'n', home: '/run/home' };
  const now = new Date('2026-01-01T00:00:00Z');

  test('is one of the builder, as pack would make it', () => {
    expect(creatorContainer(order(), place, { hasOrder: false, now })).toStrictEqual({
      image: `heroku/builder@${builder.digest}`,
      platform: 'linux/arm64',
      entrypoint: '/cnb/lifecycle/creator',
      arguments: [
        ...['-log-level', 'debug', '-no-color', '-app', '/workspace', '-cache-dir', '/cache'],
        ...['-run-image', `heroku/heroku@sha256:${'c'.repeat(64)}`, '-run', '/platform/run.toml'],
        '172.18.0.1:4000/n/s/app:built',
      ],
      env: { CNB_PLATFORM_API: '0.15', CNB_EXEC_ENV: 'production' },
      // Of proxies, whose logins no list of processes is to show.
      envFile: '/run/home/proxies.env',
      user: 'root',
      network: 'n',
      volumes: [{ source: cacheVolume(order().cache), target: '/cache', writable: true }],
      labels: { 'sea-trial.run': 'r' },
    });
  });

  test.each([
    [['0.7', '0.10'], '0.10', ['-run'], undefined],
    [['0.12', '0.13'], '0.13', [], undefined],
    [['0.15', '0.99'], '0.15', [], 'production'],
  ])('speaks the newest Platform API of %j that is known', (platformApis, api, lacks, exec) => {
    const { lifecycle } = builder;
    const platformBuilder = { ...builder, lifecycle: { ...lifecycle, platformApis } };
    const spec = creatorContainer({ ...order(), platformBuilder }, place, { hasOrder: false, now });
    expect([spec.env.CNB_PLATFORM_API, spec.env.CNB_EXEC_ENV]).toEqual([api, exec]);
    expect(['-run'].filter((flag) => !spec.arguments.includes(flag))).toEqual(lacks);
  });

  test('is refused where its lifecycle serves no Platform API that is known', () => {
    const { lifecycle } = builder;
    const platformBuilder = { ...builder, lifecycle: { ...lifecycle, platformApis: ['9.9'] } };
    expect(() =>
      creatorContainer({ ...order(), platformBuilder }, place, { hasOrder: false, now }),
    ).toThrow(
      expect.objectContaining({
        ...{ name: 'EngineError', code: 'failed', said: '' },
        message: 'The lifecycle of the builder serves no known Platform API.',
      }),
    );
  });

  test('has no volume for the cache that registries keep', () => {
    const cacheImage = '172.18.0.1:4000/n/s/cache:built';
    const spec = creatorContainer(order(), { ...place, cacheImage }, { hasOrder: false, now });
    expect(spec.arguments.slice(4, 7)).toEqual(['/workspace', '-cache-image', cacheImage]);
    expect(spec.volumes).toEqual([]);
  });

  test('holds what the plan says', () => {
    const plan = { process: 'worker', creationTime: 'now', volumes: ['./data:/data:rw'] };
    const spec = creatorContainer(order(plan, { logins: LOGINS }), place, { hasOrder: true, now });
    expect(spec.arguments.slice(-5)).toEqual([
      ...['-process-type', 'worker', '-order', '/platform/order.toml', place.name],
    ]);
    expect(spec.env).toMatchObject({
      SOURCE_DATE_EPOCH: '1767225600',
      DOCKER_CONFIG: '/root/.sea-trial',
    });
    expect(spec.volumes?.[1]).toEqual({ source: '/work/data', target: '/data', writable: true });
  });
});

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sea-trial-creator-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

/** What is copied into the container: header and content by name. */
async function copied(plan: Partial<BuildpackPlan>, pack: Partial<BuildpackOrder['pack']> = {}) {
  const { entries } = await creatorFiles(
    { ...order(plan, pack), root },
    { ports: realPorts(), secretEnvironment: {} },
  );
  const found = new Map<string, { header: TarHeader; content: string }>();
  let current = { header: {} as TarHeader, content: '' };
  const reader = createTarReader({
    entry: (header) => {
      current = { header, content: '' };
      found.set(header.path.replace(/\/$/, ''), current);
    },
    data: (piece) => {
      current.content += piece.toString();
    },
    end: () => {},
  });
  for await (const chunk of writeTar(entries) as AsyncIterable<Buffer>) reader.write(chunk);
  reader.end();
  return found;
}

describe('what is copied into it', () => {
  test('is the application for the user of the build, without what a checkout left of credentials', async () => {
    await write({
      'app.py': 'print(1)\n',
      'static/site.css': 'a {}\n',
      '.git/config':
        '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n',
    });
    await symlink('app.py', join(root, 'main.py'));
    const found = await copied({});
    expect([...found.keys()].sort()).toEqual([
      'platform/run.toml',
      ...['workspace', 'workspace/.git', 'workspace/.git/config', 'workspace/app.py'],
      ...['workspace/main.py', 'workspace/static', 'workspace/static/site.css'],
    ]);
    const run = `[[images]]\nimage = "heroku/heroku@sha256:${'c'.repeat(64)}"\n`;
    expect(found.get('platform/run.toml')?.content).toBe(run);
    expect(found.get('workspace/static/site.css')?.content).toBe('a {}\n');
    expect(found.get('workspace/.git/config')?.content).not.toContain('c2VjcmV0');
    expect(found.get('workspace')?.header.mode).toBe(0o777);
  });

  test('is nothing of what is gone when it is looked at', async () => {
    await write({ 'app.py': '' });
    const { files } = realPorts();
    const list = async (path: string) => [...(await files.list(path)), 'gone'];
    const found = await copied({}, { files: { ...files, list } });
    const names = [...found.keys()].filter((name) => name.startsWith('workspace'));
    expect(names).toEqual(['workspace', 'workspace/app.py']);
  });

  test('is what a project descriptor leaves of the application', async () => {
    await write({ 'app.py': '', 'README.md': '', 'docs/a.md': '', 'docs/a.txt': '' });
    const names = async (plan: Partial<BuildpackPlan>) =>
      [...(await copied(plan)).keys()].filter((name) => name.startsWith('workspace/')).sort();
    expect(await names({ exclude: ['*.md'] })).toEqual([
      ...['workspace/app.py', 'workspace/docs', 'workspace/docs/a.txt'],
    ]);
    expect(await names({ include: ['app.py', 'docs'] })).toEqual([
      ...['workspace/app.py', 'workspace/docs', 'workspace/docs/a.md', 'workspace/docs/a.txt'],
    ]);
  });

  test('has variables, added buildpacks with their order, and logins for root alone', async () => {
    await write({
      'apt/buildpack.toml': 'api = "0.10"\n[buildpack]\nid = "acme/apt"\nversion = "1"\n',
      'apt/bin/build': '#!/bin/sh\n',
    });
    const found = await copied(
      { context: 'apt', env: { BP_A: 'x' }, preBuildpacks: ['./apt'] },
      { logins: { ...LOGINS, 'ghcr.io': { auth: 'of the builder' } } },
    );
    expect(found.get('platform/env/BP_A')?.content).toBe('x');
    expect(found.get('cnb/buildpacks/acme_apt/1/bin/build')?.content).toBe('#!/bin/sh\n');
    expect(found.get('platform/order.toml')?.content).toContain('acme/apt');
    const logins = found.get('root/.sea-trial/config.json');
    expect([logins?.content, logins?.header.mode]).toEqual([
      JSON.stringify({ auths: LOGINS }),
      0o600,
    ]);
  });

  test.each([
    [{ buildpacks: ['./none'] }, 'The buildpack ./none cannot be read: it is not a folder'],
    [{ buildpacks: ['./broken'] }, 'cannot be read: its buildpack.toml is not TOML ('],
    [{ buildpacks: ['./nameless'] }, 'cannot be read: its buildpack.toml has no id and version.'],
  ])('is refused in words: %j', async (plan, said) => {
    await write({ 'broken/buildpack.toml': '[x', 'nameless/buildpack.toml': '[buildpack]\n' });
    await expect(copied(plan)).rejects.toThrow(said);
  });

  test.each([
    ['a/b', '../../../lifecycle'],
    ['..', 'lifecycle'],
    ['a/b', '..'],
    ['.', '1'],
    ['a b', '1'],
  ])(
    'lies over nothing of the lifecycle, whatever a buildpack calls itself: %s %s',
    async (id, version) => {
      const toml = `[buildpack]\nid = "${id}"\nversion = "${version}"\n`;
      await write({ 'evil/buildpack.toml': toml, 'evil/launcher': 'fake' });
      const said = 'the id or the version in its buildpack.toml is none of a buildpack';
      await expect(copied({ buildpacks: ['./evil'] })).rejects.toThrow(said);
    },
  );

  test('is no buildpack.toml that is too large to be real', async () => {
    await write({ 'big/buildpack.toml': '#'.repeat(1024 * 1024 + 1) });
    await expect(copied({ buildpacks: ['./big'] })).rejects.toThrow(
      'its buildpack.toml is larger than 1048576 bytes.',
    );
  });
});
