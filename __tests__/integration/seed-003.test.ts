import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuilderRegistry, builderRegistry, buildNetwork, newerBuilder } from './buildpacks.js';
import { CLI, command, environment, project, runIn } from './rig.js';

/*
 * What happened to eleven repositories (seed 003): Renovate raised .python-version to 3.14, CI
 * was green, and the deployment's builder knew 3.13. The run that fails on the pin takes
 * 1.2 s here, the build that passes 6 s.
 */

describe('a pin that is raised past the deployment', () => {
  let registry: BuilderRegistry;
  let app = '';
  const deployment = () => `${registry.host}/deployment:24`;
  const pin = (version: string) => fs.writeFile(join(app, '.python-version'), `${version}\n`);

  async function parity(...args: readonly string[]) {
    const child = spawn(process.execPath, [CLI, 'parity', ...args], { cwd: app, env: environment });
    const [out, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code, out, said };
  }

  const errorsIn = async () => {
    const { code, evidence, stdout } = await runIn(app);
    const errors = evidence?.findings.filter(({ severity }) => severity === 'error') ?? [];
    const built = evidence?.trials.filter(({ build }) => build !== undefined).length;
    return { code, errors, built, stdout };
  };

  beforeAll(async () => {
    registry = await builderRegistry();
    await command('crane', ['copy', registry.builder, deployment()]);
    // The lifecycle reads the run image from inside of a container.
    const { host } = await buildNetwork(registry.host);
    app = await project({
      '.python-version': '3.13\n',
      Procfile: 'web: python --version\n',
      'sea-trial.yml': `images:
  - name: ghcr.io/acme/web
    platforms: [linux/amd64]
    build:
      buildpack:
        builder: ${deployment()}
        run-image: ${host}/run:1
    tests:
      - [python, --version]
`,
    });
  });

  test('is green while both have that version', async () => {
    expect(await parity('lock')).toMatchObject({ code: 0 });
    expect(await errorsIn()).toMatchObject({ code: 0, errors: [], built: 1 });
  }, 120_000);

  test('fails on the line of the pin, before anything is built', async () => {
    await pin('3.14');
    const { code, errors, built, stdout } = await errorsIn();
    expect(errors).toMatchObject([
      {
        code: 'version-not-offered',
        message: `3.14 is not offered by ${deployment()} (sea-trial-rig/python 1.0.0); newest: 3.13.`,
        location: { file: '.python-version', line: 1 },
      },
    ]);
    expect([code, built]).toEqual([1, 0]);
    expect(stdout).toContain('version-not-offered');
  }, 60_000);

  test('is said by the scheduled check to be there, once the deployment has moved', async () => {
    const newer = await newerBuilder(registry, '3.14.1', ['amd64']);
    await command('crane', ['copy', newer, deployment()]);
    // The lock holds what a pull request is built with.
    expect(await errorsIn()).toMatchObject({ code: 1, built: 0 });
    const { code, out } = await parity('check', '--live');
    expect(out).toMatch(/sea-trial-rig\/python/);
    expect(out).toMatch(/1\.1\.0/);
    expect(out).toMatch(/3\.14\.1/);
    expect(code).toBe(1);
  }, 120_000);

  test('is green with the newer builder in the lock', async () => {
    expect(await parity('lock')).toMatchObject({ code: 0 });
    expect(await parity('check', '--live')).toMatchObject({ code: 0 });
    const { code, errors, built, stdout } = await errorsIn();
    expect(errors).toEqual([]);
    expect([code, built]).toEqual([0, 1]);
    expect(stdout).toContain('tested on');
  }, 120_000);
});
