import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlannedTest } from '../../src/evidence/index.js';
import { realPorts } from '../../src/ports/index.js';
import { runOnHost } from '../../src/test/host.js';
import { plannedTest } from '../plans.js';

const ports = { ...realPorts(), env: { PATH: process.env.PATH, SECRET_OF_THE_JOB: 'x' } };
const tested = {
  platform: 'linux/arm64',
  imageId: 'sha256:aa',
  emulated: false,
};

let root = '';
beforeAll(async () => {
  root = await fs.realpath(await fs.mkdtemp(join(tmpdir(), 'sea-trial-test-')));
  await fs.mkdir(join(root, 'sub'));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

const run = (more: Partial<PlannedTest>, timeout = 60_000, signal?: AbortSignal) =>
  runOnHost(
    plannedTest({ kind: 'host', ...more }),
    { ...tested, root, layout: '/layout' },
    timeout,
    { ports, signal },
  );

describe('a test on the host', () => {
  test('has the image in its environment, its own variables, and nothing of the job', async () => {
    const shell =
      'pwd; echo $SEA_TRIAL_IMAGE $SEA_TRIAL_PLATFORM $SEA_TRIAL_LAYOUT $MINE-$SECRET_OF_THE_JOB';
    const ending = await run({ run: { shell }, env: { MINE: 'mine' } });
    expect(ending.stdout.text).toBe(`${root}\nsha256:aa linux/arm64 /layout mine-\n`);
    expect(ending).toMatchObject({ exitCode: 0, timedOut: false });
  });

  test.each<[string, Partial<PlannedTest>, object]>([
    [
      'a list, as it is',
      { run: { exec: ['sh', '-c', 'echo "$0"; exit 3', '$x'] } },
      { exitCode: 3 },
    ],
    [
      'a folder of the workspace',
      { run: { shell: 'test -d ../sub' }, workdir: 'sub' },
      { exitCode: 0 },
    ],
    [
      'several lines, up to the first that fails',
      { run: { shell: 'cd /nowhere 2>&-\necho on' } },
      { exitCode: 2, stdout: { text: '', bytes: 0, truncated: false } },
    ],
    ['a signal', { run: { shell: 'kill -SEGV $$' } }, { exitCode: 139, signal: 'SIGSEGV' }],
    ['one of the others', { run: { shell: 'kill -HUP $$' } }, { exitCode: 129, signal: 'SIGHUP' }],
    [
      'a signal, as a shell tells it',
      { run: { shell: "sh -c 'kill -ABRT $$'; exit $?" } },
      { exitCode: 134, signal: 'SIGABRT' },
    ],
    ['no such program', { run: { exec: ['./nope'] } }, { notStarted: './nope: ENOENT' }],
  ])('%s', async (_, more, expected) => {
    expect(await run(more)).toMatchObject(expected);
  });

  test('no such program, which has no exit code', async () => {
    const ending = await run({ run: { exec: ['./nope'] } });
    expect(ending).not.toHaveProperty('exitCode');
    expect(ending).not.toHaveProperty('signal');
  });

  test('no such folder', async () => {
    expect(await run({ workdir: 'nope' })).toMatchObject({
      notStarted: `there is no folder ${root}/nope`,
    });
  });

  test.each([
    ['a folder that is a file', { workdir: 'file' }, 'there is no folder ROOT/file'],
    [
      'a variable that is too long',
      { env: { LONG: 'x'.repeat(140_000) } },
      '/bin/sh: E2BIG (its arguments and variables are longer than the system allows)',
    ],
  ])('%s', async (_, more, words) => {
    await fs.writeFile(join(root, 'file'), '');
    expect(await run(more)).toMatchObject({ notStarted: words.replace('ROOT', root) });
  });

  test('ends at its limit with everything that it has started, and without an exit code', async () => {
    const shell = 'sleep 600 & echo $!; sleep 600; echo no';
    const ending = await run({ run: { shell } }, 2_000);
    expect(ending).toMatchObject({ timedOut: true });
    expect(ending).not.toHaveProperty('exitCode');
    const child = Number(ending.stdout.text);
    expect(ending.stdout.text).toMatch(/^\d+\n$/);
    expect(await fs.readFile(`/proc/${child}/stat`, 'utf8').catch(() => 'gone Z')).toMatch(/ Z/);
  });

  /** Runs a test that says the number of a process that it leaves behind; whether that is there. */
  async function leaving(shell: string, timeout: number, signal?: AbortSignal) {
    const { stdout, ...ending } = await run({ run: { shell } }, timeout, signal);
    const stat = await fs.readFile(`/proc/${Number(stdout.text)}/stat`, 'utf8').catch(() => 'Z');
    return { ...ending, said: stdout.text, left: !/(^| )Z/.test(stat) };
  }

  const DAEMONS = [
    ['with its outputs', "setsid sh -c 'echo $$; exec sleep 600' &"],
    ['with outputs of its own', "setsid sh -c 'echo $$; exec sleep 600 >/dev/null 2>&1' &"],
    ['that does not listen', `setsid sh -c 'echo $$; trap "" TERM; while :; do sleep 1; done' &`],
  ] as const;

  test.each(DAEMONS)('is over when its own program is, and a daemon %s too', async (_, daemon) => {
    const ending = await leaving(`${daemon} sleep 0.2; exit 3`, 60_000);
    expect(ending).toMatchObject({
      exitCode: 3,
      timedOut: false,
      said: expect.stringMatching(/^\d+\n$/),
      left: false,
    });
  });

  test.each(DAEMONS)('takes a daemon %s along at its limit', async (_, daemon) => {
    const ending = await leaving(`${daemon} sleep 600`, 500);
    expect(ending).toMatchObject({ timedOut: true, left: false });
    expect(ending).not.toHaveProperty('exitCode');
  });

  test.each(DAEMONS)('takes a daemon %s along when the run is interrupted', async (_, daemon) => {
    const ending = await leaving(`${daemon} sleep 600`, 60_000, AbortSignal.timeout(500));
    expect(ending).toMatchObject({ timedOut: false, exitCode: 143, left: false });
  });

  test('ends with the run', async () => {
    const ending = await run({ run: { shell: 'sleep 600' } }, 60_000, AbortSignal.abort('SIGINT'));
    expect(ending).toMatchObject({ timedOut: false, exitCode: 143 });
  });
});
