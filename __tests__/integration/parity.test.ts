import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  forgetCaches,
  parityIn,
} from './buildpacks.js';
import { command, project, type Run, runIn } from './rig.js';

/* The parity lock of an image from buildpacks, against a real builder in a real registry. */

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

/** Puts another builder under the tag: the same, but that its buildpack is said to be of another version. */
async function moveBuilder(host: string, version: string): Promise<void> {
  const digests = await Promise.all(
    PLATFORMS.map(async (platform) => {
      const image = `${host}/builder:1`;
      const config = await command('crane', ['config', image, '--platform', platform]);
      const { Labels } = JSON.parse(config).config as { Labels: Record<string, string> };
      const changed = Object.entries(Labels)
        .filter(([name]) => /^io\.buildpacks\.(builder\.metadata|buildpack\.)/.test(name))
        .map(([name, value]) => `${name}=${value.replaceAll('"1.0.0"', JSON.stringify(version))}`);
      const tag = `${host}/moved:${platform.replace('/', '-')}`;
      const digest = (await command('crane', ['digest', image, '--platform', platform])).trim();
      const labels = changed.flatMap((label) => ['--label', label]);
      await command('crane', ['mutate', `${host}/builder@${digest}`, ...labels, '-t', tag]);
      return `${host}/moved@${(await command('crane', ['digest', tag])).trim()}`;
    }),
  );
  const manifests = digests.flatMap((digest) => ['-m', digest]);
  await command('crane', ['index', 'append', ...manifests, '-t', `${host}/builder:1`]);
}

const parityFindings = (run: Run) =>
  run.evidence?.findings.filter(({ code }) => /^(lock|parity|builder)-/.test(code));

describe('the parity lock', () => {
  let registry: BuilderRegistry;
  let app = '';
  let lock = '';
  let run = '';
  beforeAll(async () => {
    registry = await builderRegistry();
    forgetCaches('locked', PLATFORMS);
    const { host } = registry;
    // The lifecycle reads the run image from inside of a container.
    run = `${(await buildNetwork(host)).host}/run:1`;
    app = await project({
      '.python-version': '3.12\n',
      Procfile: 'web: python --version\n',
      'sea-trial.yml': `images:
  - name: ghcr.io/acme/locked
    platforms: [linux/amd64, linux/arm64]
    build:
      buildpack:
        builder: ${host}/builder:1
        run-image: ${run}
    tests:
      - [python, --version]
`,
    });
    lock = join(app, 'sea-trial.lock');
  });

  test('is written with what the builder holds', async () => {
    const { host, builder, runImage } = registry;
    expect(await parityIn(app, ['lock'])).toMatchObject({ said: '', code: 0 });
    const written = await fs.readFile(lock, 'utf8');
    const at = (reference: string) => reference.slice(reference.indexOf('@'));
    expect(written).toContain(`      builder: ${host}/builder:1${at(builder)}\n`);
    expect(written).toContain(`      run-image: ${run}${at(runImage)}\n`);
    expect(written).toContain('        lifecycle: 0.21.17\n        platform-api: 0.15\n');
    expect(written).toContain('          - sea-trial-rig/python@1.0.0\n');
    for (const platform of PLATFORMS) {
      const digest = await command('crane', ['digest', builder, '--platform', platform]);
      expect(written).toContain(`          ${platform}: ${digest.trim()}\n`);
    }
    expect(await parityIn(app, ['check', '--live'])).toMatchObject({ code: 0 });
  });

  test('is what an image is built with on both platforms, and its labels say the same', async () => {
    const ended = await runIn(app);
    expect(parityFindings(ended)).toEqual([]);
    expect(ended.stdout).toContain('tested on 2 platforms');
    expect(ended.code).toBe(0);
    const build = ended.evidence?.plan.images[0]?.build;
    expect(build).toMatchObject({
      builder: expect.stringContaining(registry.builder.slice(-64)),
      runImage: expect.stringContaining(registry.runImage.slice(-64)),
    });
  });

  test("is what the lifecycle's creator builds with too", async () => {
    const path = join(app, 'sea-trial.yml');
    const written = await fs.readFile(path, 'utf8');
    await fs.writeFile(
      path,
      written.replace('buildpack:\n', 'buildpack:\n        flow: creator\n'),
    );
    const args = ['--platform', 'linux/amd64', '--grant', 'trust-builder'];
    const ended = await runIn(app, args);
    await fs.writeFile(path, written);
    expect(parityFindings(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    const build = ended.evidence?.plan.images[0]?.build;
    expect(build).toMatchObject({
      flow: 'creator',
      builder: expect.stringContaining(registry.builder.slice(-64)),
    });
  });

  test('that somebody edited ends a check, and a run before it builds', async () => {
    const whole = await fs.readFile(lock, 'utf8');
    const edited = whole.replace('lifecycle: 0.21.17', 'lifecycle: 0.20.7');
    await fs.writeFile(lock, edited);
    const line = edited.split('\n').findIndex((one) => one.includes('lifecycle:')) + 1;
    const { code, out } = await parityIn(app, ['check']);
    expect(out).toContain(`lock-disagrees  sea-trial.lock:${line}`);
    expect(code).toBe(1);
    const ended = await runIn(app);
    expect(ended.code).toBe(1);
    expect(parityFindings(ended)).toMatchObject([
      { code: 'lock-disagrees', location: { file: 'sea-trial.lock', line } },
    ]);
    expect(ended.evidence?.trials.every(({ build }) => build === undefined)).toBe(true);
    await fs.writeFile(lock, whole);
  });

  test('holds while the tag serves another builder, and a live check tells what is inside', async () => {
    await moveBuilder(registry.host, '1.1.0');
    expect(await parityIn(app, ['check'])).toMatchObject({ code: 0 });
    const scheduled = await parityIn(app, ['check', '--live'], 'schedule');
    expect(scheduled.out).toContain('sea-trial-rig/python 1.0.0 → 1.1.0');
    expect(scheduled.code).toBe(1);
    expect(await parityIn(app, ['check', '--live'], 'pull_request')).toMatchObject({ code: 0 });
  });

  test('is updated in place to what the tag serves', async () => {
    const before = await fs.readFile(lock, 'utf8');
    await fs.writeFile(lock, before.replace('    pins:', '    # What production has.\n    pins:'));
    const { code, out } = await parityIn(app, ['update']);
    expect(out).toContain('sea-trial-rig/python 1.0.0 → 1.1.0');
    expect(code).toBe(0);
    const after = await fs.readFile(lock, 'utf8');
    expect(after).toContain('    # What production has.\n');
    expect(after).toContain('          - sea-trial-rig/python@1.1.0\n');
    expect(await parityIn(app, ['check', '--live'])).toMatchObject({ code: 0 });
  });

  test('that pins a builder which does not make such an image is an error after the build', async () => {
    // The buildpack in the layer still says 1.0.0 of itself: labels of what it builds differ.
    const ended = await runIn(app, ['--platform', 'linux/amd64']);
    const codes = parityFindings(ended)?.map(({ code }) => code);
    expect([ended.code, codes]).toEqual([1, ['parity-differs']]);
  });
});
