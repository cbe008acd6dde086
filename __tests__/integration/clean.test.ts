import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CLI, command, environment, project, sail } from './rig.js';

interface Cleaned {
  readonly code: number;
  readonly stdout: string;
}

function clean(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Cleaned> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, 'clean', ...args],
      { env: { ...environment, ...env } },
      (error, stdout) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout }),
    );
  });
}

/** A project whose only test does not end by itself, and a user's folders. */
async function setUp() {
  const home = await project({ 'tmp/.keep': '' });
  const folder = await project({
    'sea-trial.yml': [
      'images:',
      '  - name: ghcr.io/acme/ship',
      '    tags: [dev]',
      '    platforms: [linux/amd64]',
      '    tests:',
      '      - { name: waits, run: "touch /tmp/x; sleep 60" }',
    ].join('\n'),
    // Its own in each run of the tests: one that somebody has already stays.
    Dockerfile: `FROM busybox:1.37\nRUN echo ${randomUUID()} > /id\n`,
  });
  const env = { HOME: home, TMPDIR: join(home, 'tmp'), XDG_STATE_HOME: '' };
  const runs = join(home, '.local/state/sea-trial/runs');
  return { folder, env, runs };
}

async function containersOf(run: string, format = '{{.ID}}'): Promise<string> {
  const label = `label=sea-trial.run=${run}`;
  return command('docker', ['ps', '-a', '--no-trunc', '--filter', label, '--format', format]);
}

/** Starts a run and kills it when its test runs; answers the run's id. */
async function killed({ folder, env, runs }: Awaited<ReturnType<typeof setUp>>): Promise<string> {
  const sailing = sail(folder, [], { env });
  let early: string | undefined;
  void sailing.ended.then(({ code, stdout, stderr }) => {
    early = `it ended with ${code}:\n${stdout}${stderr}`;
  });
  for (;;) {
    if (early !== undefined) throw new Error(early);
    const [name] = await fs.readdir(runs).catch(() => []);
    const run = name?.replace('.jsonl', '') ?? '';
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Proofs have containers too, which run no shell.
    if ((await containersOf(run, '{{.Command}}')).includes('sleep 60')) {
      expect((await clean(env)).stdout).toBe('Nothing was left behind.\n');
      expect(await containersOf(run)).not.toBe('');
      sailing.child.kill('SIGKILL');
      await sailing.ended;
      return run;
    }
  }
}

test('sea-trial clean leaves a run alone that is under way, and removes what it left when it was killed', async () => {
  const machine = await setUp();
  const run = await killed(machine);
  const cleaned = await clean(machine.env);
  expect([cleaned.code, cleaned.stdout]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^${run}: .*1 container, 1 image, 1 folder removed\n$`)),
  ]);
  expect(await containersOf(run)).toBe('');
  expect(await fs.readdir(machine.runs)).toEqual([]);
  const again = await clean(machine.env, '--json');
  expect(JSON.parse(again.stdout)).toEqual({ removed: [], problems: [] });
}, 60_000);

test('the next start removes what is older than a day, and nothing younger', async () => {
  const machine = await setUp();
  const run = await killed(machine);
  const empty = await project({
    'sea-trial.yml':
      'images: [{ name: a/b, platforms: [linux/amd64], tests: [{ run: "true" }] }]\n',
    Dockerfile: 'FROM busybox:1.37\n',
  });
  const young = await sail(empty, [], { env: machine.env }).ended;
  expect([young.code, young.stderr]).toEqual([0, expect.not.stringContaining(run)]);
  const path = join(machine.runs, `${run}.jsonl`);
  const text = await fs.readFile(path, 'utf8');
  await fs.writeFile(path, text.replace(/"started":"\d{4}/, '"started":"2020'));
  const old = await sail(empty, [], { env: machine.env }).ended;
  expect([old.code, old.stderr]).toEqual([0, expect.stringContaining(`${run}: `)]);
  expect(await containersOf(run)).toBe('');
  expect(await fs.readdir(machine.runs)).toEqual([]);
}, 60_000);
