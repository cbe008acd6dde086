import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { busybox, imageProject, PASSES } from '../integration/image-project.js';
import { CLI, environment, leftovers, project, ROOT, rig, runIn } from '../integration/rig.js';

/*
 * The command line runs on the oldest Node that it promises to run on, and tells
 * an older one so. The set-up brings that Node (scripts/rig/oldest-node.sh).
 */

const OLDEST = join(rig.get('SEA_TRIAL_RIG_BIN') ?? '', 'node-oldest');

function on(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(OLDEST, [...args], {
    cwd,
    env: environment,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('the oldest Node', () => {
  test('says the version', () => {
    expect(on(ROOT, CLI, '--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  test('plans the greeter', () => {
    const planned = on(join(ROOT, 'examples', 'greeter'), CLI, 'plan');
    const stderr = expect.stringMatching(
      /^This run is trusted: [^\n]+\.\n[^\n]+ under emulation[^\n]+\.\n$/,
    );
    expect(planned).toMatchObject({ status: 0, stderr });
    for (const platform of ['linux/amd64', 'linux/arm64', 'linux/s390x']) {
      expect(planned.stdout).toContain(platform);
    }
  });

  test('runs a tiny image, and leaves nothing behind', async () => {
    const folder = await imageProject(busybox(), PASSES, 'linux/amd64');
    const run = await runIn(folder, [], { node: OLDEST });
    expect([run.code, run.evidence?.findings.map(({ code }) => code)]).toEqual([0, []]);
    expect(await leftovers(run.evidence)).toEqual([]);
  });
});

test.each(['22.14.0', '20.19.5', '18.20.8'])('Node %s is told so, with exit 2', async (version) => {
  const folder = await project({
    'pretend.cjs': `Object.defineProperty(process, 'versions', {
      value: { ...process.versions, node: '${version}' },
    });`,
  });
  expect(on(folder, '--require', './pretend.cjs', CLI, '--version')).toEqual({
    status: 2,
    stdout: '',
    stderr: `sea-trial needs Node 22.15 or later; this is ${version}.\n`,
  });
});
