import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  forgetCaches,
  newerBuilder,
  parityIn,
} from './buildpacks.js';
import { errorsOf } from './image-project.js';
import { afterwards, command, environment, project, type Run, runIn } from './rig.js';

/*
 * The story of seed 003. A deployment builds with a builder that knows Python 3.13. A tool raises
 * the pin to 3.14: CI was happy, and deployments failed. Later the deployment's builder knows 3.14.
 */

const ID = 'quickcategories';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const VALUES = 'tools.yaml.gotmpl';

const builtIn = ({ evidence }: Run) =>
  evidence?.trials.filter(({ build, built }) => build !== undefined || built !== undefined);

describe('a deployment whose builder knows Python 3.13', () => {
  let registry: BuilderRegistry;
  let app = '';
  let runImage = '';
  let newer = '';

  const write = (name: string, text: string) => fs.writeFile(join(app, name), text);
  const lock = () => fs.readFile(join(app, 'sea-trial.lock'), 'utf8');
  /** The deployment's values, as its repository has them. */
  const values = (tag: string) =>
    `config:\n  builder: ${registry.host}/builder:${tag}\n  runner: ${runImage}:1\n`;
  const pullRequest = () => runIn(app, [], { env: { GITHUB_EVENT_NAME: 'pull_request' } });

  beforeAll(async () => {
    registry = await builderRegistry();
    newer = await newerBuilder(registry, '3.14.0');
    await command('crane', ['copy', newer, `${registry.host}/builder:2`]);
    // The lifecycle reads the run image from inside of a container.
    runImage = `${(await buildNetwork(registry.host)).host}/run`;
    forgetCaches(ID, PLATFORMS);
    app = await project({
      '.python-version': '3.13\n',
      Procfile: 'web: python --version\n',
      [VALUES]: values('1'),
      'sea-trial.yml': `images:
  - name: ${registry.host}/${ID}
    tags: [main]
    platforms: [${PLATFORMS.join(', ')}]
    build:
      buildpack:
        builder: ${registry.host}/builder
    tests:
      - { name: version, run: python --version, stdout: Python 3.14 }
`,
    });
  });

  test('is locked, with the versions that it offers', async () => {
    expect(await parityIn(app, ['lock', '--from', VALUES])).toMatchObject({ said: '', code: 0 });
    const written = await lock();
    expect(written).toContain(`builder: ${registry.host}/builder:1@`);
    expect(written).toContain('sea-trial-rig/python@1.0.0\n');
    expect(written).toMatch(/python:\n( +- 3\.12\.\d+\n) +- 3\.13\.\d+\n/);
  });

  test('fails a pull request that raises the pin to 3.14, on its line, before anything is built', async () => {
    await write('.python-version', '3.14\n');
    const ended = await pullRequest();
    const [error, ...others] = errorsOf(ended);
    expect(error).toMatchObject({
      code: 'version-not-offered',
      location: { file: '.python-version', line: 1 },
      message: expect.stringMatching(/^3\.14 is not offered by .*newest: 3\.13\.$/),
      remedy: expect.stringContaining('sea-trial parity update'),
    });
    expect(others).toEqual([]);
    expect(builtIn(ended)).toEqual([]);
    expect(ended.code).toBe(1);
    const pulled = ['images', '--quiet', '--filter', `reference=${registry.host}/*`];
    expect(await command('docker', pulled)).toBe('');
  });

  test.each(['run', 'plan'])(
    'makes that an annotation of the action on the line of the pin, with mode: %s',
    async (mode) => {
      const env = { PATH: environment.PATH ?? '' };
      const inputs = { with: { mode }, event: 'pull_request' };
      const result = await runAction({ workspace: app, env, ...inputs });
      afterwards(result.clean);
      expect(result.summary).toContain('version-not-offered');
      expect(result.annotations.filter(({ kind }) => kind === 'error')).toMatchObject([
        { file: '.python-version', line: 1, message: expect.stringContaining('newest: 3.13') },
      ]);
      expect(result.exitCode).toBe(1);
    },
  );

  test('moves to one that knows 3.14: a scheduled check fails with what changed, a pull request notes it', async () => {
    await write(VALUES, values('2'));
    const before = await lock();
    const scheduled = await parityIn(app, ['check', '--live'], 'schedule');
    expect(scheduled.out).toMatch(/✘ builder-moved {2}sea-trial\.lock:\d+\n/);
    for (const change of [
      'builder:2@',
      'sea-trial-rig/python 1.0.0 → 1.1.0',
      'python 3.14.0 is offered now',
    ]) {
      expect(scheduled.out).toContain(change);
    }
    expect(scheduled.code).toBe(1);
    const asked = await parityIn(app, ['check', '--live'], 'pull_request');
    expect(asked.out).toContain('· builder-moved  sea-trial.lock:');
    expect(asked.out).not.toContain('✘');
    expect(asked.code).toBe(0);
    expect(await lock()).toBe(before);
  });

  test('is locked anew, and the same pull request passes on both platforms', async () => {
    const update = await parityIn(app, ['update']);
    expect(update.out).toContain('python 3.14.0 is offered now');
    expect(update.code).toBe(0);
    expect(await lock()).toContain(`builder: ${registry.host}/builder:2@${newer.split('@')[1]}`);
    expect(await parityIn(app, ['check', '--live'], 'schedule')).toMatchObject({ code: 0 });
    const ended = await pullRequest();
    expect(errorsOf(ended)).toEqual([]);
    expect(
      ended.evidence?.trials.map(({ platform, built }) => [platform, built?.platform]),
    ).toEqual(PLATFORMS.map((platform) => [platform, platform]));
    expect(ended.code).toBe(0);
  });

  test('and what is published then has the labels of what is locked', async () => {
    const ended = await runIn(app, ['--push']);
    expect(errorsOf(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    const image = `${registry.host}/${ID}:main`;
    for (const platform of PLATFORMS) {
      const config = await command('crane', ['config', image, '--platform', platform]);
      const { Labels } = JSON.parse(config).config as { Labels: Record<string, string> };
      const label = (name: string) => JSON.parse(Labels[`io.buildpacks.${name}`] ?? '');
      expect(label('build.metadata')).toMatchObject({
        buildpacks: [{ id: 'sea-trial-rig/python', version: '1.1.0' }],
        launcher: { version: '0.21.17' },
      });
      const own = await command('crane', ['digest', registry.runImage, '--platform', platform]);
      expect(label('lifecycle.metadata').runImage.reference).toBe(`${runImage}@${own.trim()}`);
    }
  });
});
