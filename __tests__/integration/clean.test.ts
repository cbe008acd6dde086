import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { type PrivateEngine, privateEngine } from './private-engine.js';
import { CLI, command, environment, project, type StartedRun, startRun } from './rig.js';

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

/* On an engine of their own: no other test's killed runs are there to be found. */

let engine: PrivateEngine;
beforeAll(async () => {
  engine = await privateEngine();
}, 60_000);

/** A project whose only test does not end by itself, and a user's folders. */
async function setUp() {
  const home = await project({ 'tmp/.keep': '' });
  await command('docker', ['pull', 'moby/buildkit:buildx-stable-1'], { DOCKER_HOST: engine.host });
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
  const env = {
    ...{ HOME: home, TMPDIR: join(home, 'tmp'), XDG_STATE_HOME: '' },
    DOCKER_HOST: engine.host,
  };
  const runs = join(home, '.local/state/sea-trial/runs');
  return { folder, env, runs, temporary: env.TMPDIR };
}

/** A project that soon passes. */
function quick(): Promise<string> {
  return project({
    'sea-trial.yml':
      'images: [{ name: a/b, platforms: [linux/amd64], tests: [{ run: "true" }] }]\n',
    Dockerfile: 'FROM busybox:1.37\n',
  });
}

const docker = (...args: readonly string[]) =>
  command('docker', args, { DOCKER_HOST: engine.host });

async function containersOf(run: string): Promise<string> {
  return docker('ps', '-aq', '--filter', `label=sea-trial.run=${run}`);
}

/** Waits until a run's test runs; answers the run's id. */
async function until({ ended }: StartedRun, runs: string): Promise<string> {
  let early: string | undefined;
  void ended.then(({ code, stdout, stderr }) => {
    early = `it ended with ${code}:\n${stdout}${stderr}`;
  });
  for (;;) {
    if (early !== undefined) throw new Error(early);
    const [name] = await fs.readdir(runs).catch(() => []);
    const run = name?.replace('.jsonl', '') ?? '';
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Proofs have containers too.
    const args = ['--no-trunc', '--filter', `label=sea-trial.run=${run}`, '--format={{.Command}}'];
    if (run !== '' && (await docker('ps', ...args)).includes('touch /tmp/x')) return run;
  }
}

/** Starts a run and kills it when its test runs; answers the run's id. */
async function killed({ folder, env, runs }: Awaited<ReturnType<typeof setUp>>): Promise<string> {
  const started = startRun(folder, [], { env });
  const run = await until(started, runs);
  expect((await clean(env)).stdout).toBe('Nothing was left behind.\n');
  expect(await containersOf(run)).not.toBe('');
  started.child.kill('SIGKILL');
  await started.ended;
  return run;
}

test('sea-trial clean leaves a run alone that is under way, and removes what it left when it was killed', async () => {
  const machine = await setUp();
  const run = await killed(machine);
  const cleaned = await clean(machine.env);
  expect([cleaned.code, cleaned.stdout]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^${run}: .*1 container, 1 image, 1 builder, 1 folder removed\n$`),
    ),
  ]);
  expect(await containersOf(run)).toBe('');
  expect(await fs.readdir(machine.runs)).toEqual([]);
  const again = await clean(machine.env, '--json');
  expect(JSON.parse(again.stdout)).toEqual({ removed: [], problems: [], kept: [] });
}, 60_000);

test('the next start removes what is older than a day, and nothing younger', async () => {
  const machine = await setUp();
  const run = await killed(machine);
  const empty = await quick();
  const young = await startRun(empty, [], { env: machine.env }).ended;
  expect([young.code, young.stderr]).toEqual([0, expect.not.stringContaining(run)]);
  const path = join(machine.runs, `${run}.jsonl`);
  const text = await fs.readFile(path, 'utf8');
  await fs.writeFile(path, text.replace(/"started":"\d{4}/, '"started":"2020'));
  const old = await startRun(empty, [], { env: machine.env }).ended;
  expect([old.code, old.stderr]).toEqual([0, expect.stringContaining(`${run}: `)]);
  expect(await containersOf(run)).toBe('');
  expect(await fs.readdir(machine.runs)).toEqual([]);
}, 60_000);

/** Everything in the engine, but for when and how it was used. */
async function holdings(): Promise<readonly string[]> {
  const lists = await Promise.all([
    docker('ps', '--all', '--no-trunc', '--format', 'container {{.ID}}'),
    docker('images', '--all', '--no-trunc', '--format', 'image {{.ID}} {{.Repository}}:{{.Tag}}'),
    docker('volume', 'ls', '--format', 'volume {{.Name}}'),
  ]);
  return lists.flatMap((text) => text.split('\n').filter((line) => line !== '')).sort();
}

test('without a record a killed run is known by what it left, and one under way is left alone', async () => {
  const machine = await setUp();
  const before = await holdings();
  const run = await killed(machine);
  const other = await setUp();
  const living = startRun(other.folder, [], { env: { ...other.env, TMPDIR: machine.temporary } });
  const alive = await until(living, other.runs);
  const theirs = `sea-trial-${alive}-`;
  const own = await fs.mkdtemp(join(machine.temporary, 'sea-trial-local-0123abcd-'));
  await fs.writeFile(join(own, 'notes'), 'of a user');

  // The home was another container's, or is emptied between jobs.
  await fs.rm(join(machine.env.HOME, '.local'), { recursive: true });
  const elsewhere = await project({});
  const env = { ...machine.env, HOME: elsewhere };
  const cleaned = await clean(env);
  expect([cleaned.code, cleaned.stdout]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^${run}: .*1 container, 1 image, 1 builder, 1 folder removed\n$`),
    ),
  ]);
  expect(await containersOf(alive)).not.toBe('');
  const left = await fs.readdir(machine.temporary);
  expect(left.filter((name) => name.startsWith(theirs))).toHaveLength(1);
  expect(left.filter((name) => name.startsWith(`sea-trial-${run}`))).toEqual([]);
  expect((await clean(env)).stdout).toBe('Nothing was left behind.\n');
  living.child.kill('SIGTERM');
  await living.ended;
  expect(await holdings()).toEqual(before);
  expect(await fs.readFile(join(own, 'notes'), 'utf8')).toBe('of a user');
}, 120_000);

test('what nobody can see the process of is left alone for a day, by the next start too', async () => {
  const { env, temporary } = await setUp();
  const labels = (run: string, started: Date) => [
    `--label=sea-trial.run=${run}`,
    `--label=sea-trial.started=${started.toISOString()}`,
    '--label=sea-trial.process={"host":"other","boot":"1","space":"1","pid":1,"started":"1"}',
  ];
  const day = 24 * 60 * 60 * 1000;
  const make = async (run: string, age: number) => {
    const started = new Date(Date.now() - age);
    const name = `--name=sea-trial-${run}-0123abcd`;
    await docker('create', name, ...labels(run, started), 'busybox:1.37');
    await fs.mkdir(join(temporary, `sea-trial-${run}-abcdef`));
    await fs.utimes(join(temporary, `sea-trial-${run}-abcdef`), started, started);
  };
  await docker('pull', 'busybox:1.37');
  const [young, old, older] = ['local-00000001', 'local-00000002', 'local-00000003'];
  await make(young, day - 60_000);
  await make(old, day + 60_000);
  const cleaned = await clean(env);
  expect(cleaned.stdout).toBe(`${old}: 1 container, 1 folder removed\n`);
  await make(older, day + 60_000);
  const next = await startRun(await quick(), [], { env }).ended;
  expect([next.code, next.stderr]).toEqual([
    0,
    expect.stringContaining(`${older}: 1 container, 1 folder removed`),
  ]);
  const left = (await fs.readdir(temporary)).filter((name) => name.startsWith('sea-trial-'));
  expect(left).toEqual([`sea-trial-${young}-abcdef`]);
  await docker('rm', ...(await containersOf(young)).split('\n').filter((id) => id !== ''));
}, 120_000);

test("a stranger's image has labels of runs, and a user's containers of it stay, as do the folders of runs", async () => {
  const { env, temporary } = await setUp();
  await docker('pull', 'busybox:1.37');
  const base = (await docker('create', 'busybox:1.37')).trim();
  const made: string[] = [base];
  const bring = async (run: string, name: string) => {
    const change = [
      `LABEL sea-trial.run='${run}' sea-trial.started=2020-01-01T00:00:00.000Z`,
      `sea-trial.process='{"host":"x","boot":"y","space":"z","pid":1,"started":"1"}'`,
    ].join(' ');
    await docker('commit', '--change', change, base, name);
    made.push((await docker('create', name)).trim());
  };
  const tried = 'sea-trial.invalid/0123456789ab:local-00000005';
  await bring('local', 'hostile:prefix');
  await bring('*', 'hostile:pattern');
  await bring('local-00000004', 'hostile:run');
  await bring('local-00000004', tried);
  const folder = join(temporary, 'sea-trial-local-00000004-abcdef');
  await fs.mkdir(folder);

  expect(await clean(env)).toEqual({ code: 0, stdout: 'Nothing was left behind.\n' });
  const next = await startRun(await quick(), [], { env }).ended;
  expect([next.code, next.stderr]).toEqual([0, expect.not.stringContaining('removed')]);
  const left = (await docker('ps', '-aq', '--no-trunc')).trim().split('\n');
  expect(left.sort()).toEqual(made.sort());
  expect(await fs.readdir(temporary)).toContain('sea-trial-local-00000004-abcdef');
  await docker('rm', ...made);
  await docker('image', 'rm', 'hostile:prefix', 'hostile:pattern', 'hostile:run', tried);
}, 60_000);

test('an image that a test on the host has left in use goes with the first cleaning after that', async () => {
  const { env, runs } = await setUp();
  const folder = await project({
    'sea-trial.yml': [
      'images:',
      '  - name: a/b',
      '    platforms: [linux/amd64]',
      '    tests: [{ on: host, run: "docker run -d --name left-behind $SEA_TRIAL_IMAGE sleep 600" }]',
    ].join('\n'),
    Dockerfile: `FROM busybox:1.37\nRUN echo ${randomUUID()} > /id\n`,
  });
  const { code, stderr } = await startRun(folder, [], { env }).ended;
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/a container uses sea-trial\.invalid\/.*\nRun sea-trial clean once/),
  ]);
  const early = await clean(env);
  expect([early.code, early.stdout]).toEqual([3, expect.stringContaining('a container uses')]);
  await docker('rm', '--force', 'left-behind');
  const late = await clean(env);
  expect([late.code, late.stdout]).toEqual([0, expect.stringMatching(/: 1 image removed\n$/)]);
  expect(await docker('images', '--quiet', 'sea-trial.invalid/*')).toBe('');
  expect(await fs.readdir(runs)).toEqual([]);
}, 60_000);
