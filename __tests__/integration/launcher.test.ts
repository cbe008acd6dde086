import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PlannedTest, TestResult } from '../../src/evidence/index.js';
import { plannedBuildpack, plannedImage, plannedTest, planOf } from '../plans.js';
import { type BuilderRegistry, builderRegistry, buildNetwork, forgetCaches } from './buildpacks.js';
import { runPlan } from './plan-runs.js';
import { command, project } from './rig.js';

/*
 * Tests of images from buildpacks, run through the launcher that a real lifecycle has put into
 * them, on both platforms of the rig's builder.
 */

const ID = 'launched';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];

const PYTHON = '/layers/sea-trial-rig_python/python/bin/python';

const { run: _, ...bare } = plannedTest();
const processTest = (name: string, process: string, more: Partial<PlannedTest> = {}) => ({
  ...bare,
  name,
  process,
  ...more,
});

describe('tests of an image from buildpacks', () => {
  let registry: BuilderRegistry;
  let runImage = '';
  let app = '';
  beforeAll(async () => {
    registry = await builderRegistry();
    const { host } = await buildNetwork(registry.host);
    runImage = registry.runImage.replace(registry.host, host);
    app = await project({
      '.python-version': '3.12\n',
      Procfile: 'web: sleep 600\nworker: echo "Python $PYTHON_VERSION"\n',
    });
    forgetCaches(ID, PLATFORMS);
  });

  async function tried(
    tests: readonly PlannedTest[],
    platforms: readonly string[],
    run = runImage,
    application = app,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, TestResult>>> {
    const build = plannedBuildpack({ builder: registry.builder, runImage: run });
    const image = {
      ...plannedImage({ id: ID, platforms: [...platforms], tests: [...tests] }),
      build,
    };
    const { evidence } = await runPlan(planOf({ images: [image] }), application);
    expect(evidence.findings.filter(({ code }) => code === 'build-failed')).toEqual([]);
    return new Map(
      evidence.trials.map((trial) => [
        trial.platform,
        new Map(trial.tests.map((result) => [result.name, result])),
      ]),
    );
  }

  test('run in the environment of its buildpacks, whichever way they are written', async () => {
    const tests = [
      plannedTest({
        name: 'a text',
        run: { shell: 'echo "$PYTHON_VERSION in $PWD, $A" && python --version' },
        env: { A: 'an A' },
        stdout: '^3\\.12\\.\\d+ in /workspace, an A\nPython 3\\.12\\.\\d+$',
      }),
      plannedTest({
        name: 'a list',
        run: { exec: ['python', '--version'] },
        stdout: '^Python 3\\.12\\.\\d+$',
      }),
      plannedTest({ name: 'lines', run: { shell: 'false\ntrue' } }),
      plannedTest({
        name: 'a text elsewhere',
        run: { shell: 'pwd' },
        workdir: '/srv/a b',
        stdout: '^/srv/a b$',
      }),
      plannedTest({
        name: 'a list elsewhere, as another user',
        run: { exec: ['sh', '-c', 'pwd; id -u; env'] },
        workdir: '/srv',
        user: '0',
        stdout: '^/srv\n0\n(?s:.*)PYTHON_VERSION=3\\.12',
      }),
      plannedTest({ name: 'nothing', run: { exec: ['no-such-program', '--version'] } }),
      processTest('a process type', 'worker', { stdout: '^Python 3\\.12\\.\\d+$' }),
      processTest('no process type', 'release'),
      { ...bare, name: 'starts', kind: 'start' as const },
    ];
    const found = await tried(tests, PLATFORMS);
    expect([...found.keys()]).toEqual(PLATFORMS);
    for (const [platform, results] of found) {
      const architecture = platform.slice('linux/'.length);
      const failed = [...results.values()].filter(({ outcome }) => outcome !== 'passed');
      expect(failed.map(({ name, cause, reason }) => [name, cause, reason])).toEqual([
        ['lines', 'exit-code', 'exit 1, expected 0'],
        [
          'nothing',
          'not-executable',
          'could not be executed: exec: "no-such-program": executable file not found in $PATH',
        ],
        [
          'no process type',
          'not-executable',
          'could not be executed: there is no process type "release"; the image has web, worker',
        ],
      ]);
      const list = results.get('a list');
      expect(list?.executed).toEqual(['/cnb/lifecycle/launcher', '--', 'python', '--version']);
      expect(list?.program).toMatchObject({ path: PYTHON, architecture });
      expect(results.get('a text')?.program?.path).toMatch(/\/bash$/);
      expect(results.get('starts')?.program).toMatchObject({ architecture });
      expect(new Set([...results.values()].map(({ program }) => program?.emulated))).toEqual(
        // What could not be executed was not emulated.
        new Set([platform === 'linux/arm64', undefined]),
      );
    }
  }, 240_000);

  test('written as a list need no shell in it, and those written as a text say that they do', async () => {
    const folder = await project({});
    const layer = join(folder, 'layer.tar');
    const away = await project({
      'bin/.wh.bash': '',
      'bin/.wh.sh': '',
      'usr/local/bin/.wh.bash': '',
    });
    await command('tar', ['-C', away, '-cf', layer, 'bin', 'usr']);
    const bare = `${registry.host}/bare:1`;
    await command('crane', [
      ...['append', '--platform', 'linux/amd64', '--base', registry.runImage],
      ...['--new_layer', layer, '--new_tag', bare],
    ]);
    const found = await tried(
      [
        plannedTest({
          name: 'a list',
          run: { exec: ['busybox', 'env'] },
          stdout: '(?m)^PYTHON_VERSION=3\\.12',
        }),
        plannedTest({
          name: 'a text',
          run: { shell: 'true' },
          location: { file: 'sea-trial.yml', line: 1 },
        }),
      ],
      ['linux/amd64'],
      bare.replace(registry.host, runImage.split('/')[0] ?? ''),
    );
    const results = found.get('linux/amd64');
    expect(results?.get('a list')).toMatchObject({ outcome: 'passed' });
    expect(results?.get('a text')).toMatchObject({
      cause: 'not-executable',
      reason:
        'could not be executed: exec /bin/bash: no such file or directory; a test written as text needs a shell in the image, one written as a list does not',
    });
  }, 120_000);

  test('have failed where a script of the application ends the shell before they begin', async () => {
    const ends = await project({
      '.python-version': '3.12\n',
      Procfile: 'web: sleep 600\n',
      '.profile': 'echo bye\nexit 0\n',
    });
    const found = await tried(
      [
        plannedTest({ name: 'a text', run: { shell: 'false' } }),
        plannedTest({ name: 'a list', run: { exec: ['true'] } }),
      ],
      ['linux/amd64'],
      runImage,
      ends,
    );
    const results = found.get('linux/amd64');
    expect(results?.get('a list')).toMatchObject({ outcome: 'passed' });
    expect(results?.get('a text')).toMatchObject({
      outcome: 'failed',
      reason:
        'could not be executed: a script that the image runs in each shell (.profile, profile.d or BASH_ENV) ended before the test began',
    });
  }, 120_000);
});
