import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';
import { programFor } from '../../src/emulation/proof-image.js';
import type { Evidence } from '../../src/evidence/index.js';
import { listening } from '../listening.js';

/*
 * What tests on a real engine need: projects in folders of their own, the
 * program as it is shipped (dist/), a registry server that is not ours. All of
 * it is gone after the file's tests.
 */

export const ROOT = join(import.meta.dirname, '..', '..');
/** dist/, or a bundle that was made elsewhere to be tried. */
export const CLI = join(process.env.SEA_TRIAL_DIST ?? join(ROOT, 'dist'), 'cli.js');

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  const problems: unknown[] = [];
  // One that fails does not keep the others from their turn.
  for (const step of undo.splice(0).reverse()) {
    await step().catch((problem) => problems.push(problem));
  }
  if (problems.length > 0) throw problems[0];
}, 120_000);

/** Does something when the file's tests are over. */
export function afterwards(step: () => Promise<unknown>): void {
  undo.push(step);
}

/** What the set-up wrote down for later steps (scripts/setup.sh). */
function readRig(): ReadonlyMap<string, string> {
  const { SEA_TRIAL_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = SEA_TRIAL_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sea-trial');
  const text = readFileSync(join(cache, 'rig', 'env'), 'utf8');
  const pairs = text.split('\n').filter((line) => line.includes('='));
  return new Map(
    pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

export const rig = readRig();

const stateHome = mkdtempSync(join(tmpdir(), 'sea-trial-state-'));
afterwards(() => fs.rm(stateHome, { recursive: true, force: true }));

/** The environment that children of tests get: this process's, with the rig's programs first. */
export const environment: Readonly<Record<string, string | undefined>> = {
  ...process.env,
  // What a run that a test kills leaves is for that test to find, and for nobody's "clean".
  XDG_STATE_HOME: stateHome,
  // A job that is run again with a debug log says more than tests expect.
  RUNNER_DEBUG: undefined,
  PATH: `${rig.get('SEA_TRIAL_RIG_BIN')}:${process.env.PATH}`,
};

const run = promisify(execFile);

// Runs that a test killed are cleaned up after, by the records that they left; where there are
// none, what other tests have killed is left to these.
afterwards(async () => {
  const records = await fs.readdir(join(stateHome, 'sea-trial', 'runs')).catch(() => []);
  if (records.length > 0) await command(process.execPath, [CLI, 'clean']);
});

/** Runs a program that has to succeed; answers its stdout. */
export async function command(
  file: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...environment, ...more };
  const { stdout } = await run(file, [...args], { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The buildx that the docker client has. */
export async function buildxPlugin(): Promise<string> {
  const plugins = '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{end}}{{end}}';
  return (await command('docker', ['info', '--format', plugins])).trim();
}

/** A folder with some files in it, by path: texts, and programs as bytes. */
export async function project(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'sea-trial-test-'));
  afterwards(() => fs.rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await fs.mkdir(dirname(path), { recursive: true });
    await fs.writeFile(path, text, { mode: typeof text === 'string' ? 0o644 : 0o755 });
  }
  return folder;
}

/** Brings an image of the rig's engine into another one. */
export async function give(image: string, to: Readonly<Record<string, string>>): Promise<void> {
  const file = join(await project({}), 'image.tar');
  await command('docker', ['save', '--output', file, image]);
  await command('docker', ['load', '--input', file], to);
}

/** Writes the program that proves a platform, as `proof`: it needs nothing, and ends with 23. */
export async function writeProof(folder: string, platform: string): Promise<void> {
  const program = programFor(platform);
  if (program === undefined) throw new Error(`there is no program for ${platform}`);
  await fs.writeFile(join(folder, 'proof'), program, { mode: 0o755 });
}

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where the run ended before there was any. */
  readonly evidence?: Evidence;
}

/** A sea-trial that was started and may be interrupted. */
export interface StartedRun {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
}

/** Starts `sea-trial run` in a folder, with its evidence outside of it. */
export function startRun(
  folder: string,
  args: readonly string[] = [],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly uid?: number;
    /** Where the evidence goes, if not to a file of this run's own. */
    readonly evidence?: string;
    /** The Node that runs it; the tests' own unless given. */
    readonly node?: string;
    /** In a process group of its own, as a terminal's job is. */
    readonly detached?: boolean;
  } = {},
): StartedRun {
  const own = `${folder}.${Math.random().toString(36).slice(2)}.json`;
  afterwards(() => fs.rm(own, { force: true }));
  const { env, evidence = own, node = process.execPath, ...rest } = options;
  const child = spawn(node, [CLI, 'run', '--evidence', evidence, ...args], {
    cwd: folder,
    env: { ...environment, GITHUB_EVENT_NAME: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...rest,
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    texts.stderr += text;
  });
  const ended = new Promise<Run>((resolve) => {
    child.once('close', async (code) => {
      const document = await fs.readFile(evidence, 'utf8').catch(() => undefined);
      const read = document === undefined ? {} : { evidence: JSON.parse(document) as Evidence };
      resolve({ code, ...texts, ...read });
    });
  });
  return { child, ended };
}

/** `sea-trial run` in a folder, to its end. */
export function runIn(...asked: Parameters<typeof startRun>): Promise<Run> {
  return startRun(...asked).ended;
}

/** A builder that has nothing cached, in the engine that `env` leads to. */
export async function freshBuilder(
  builder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const config = rig.get('SEA_TRIAL_BUILDKITD_CONFIG');
  const mirrored = config === undefined ? [] : ['--buildkitd-config', config];
  const driver = ['--driver=docker-container', '--driver-opt=network=host'];
  const args = ['buildx', 'create', '--name', builder, ...driver, ...mirrored, '--bootstrap'];
  await command('docker', args, env);
  afterwards(() => command('docker', ['buildx', 'rm', '--force', builder], env));
}

/** A port on the loopback that nobody listens at now. */
export async function freePort(): Promise<number> {
  const { port, close } = await listening(createServer());
  await close();
  return port;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ status }) => status < 500,
    () => false,
  );
}

/** A real registry server (distribution) with nothing in it; answers its `host:port`. */
export async function distribution(address = '127.0.0.1'): Promise<string> {
  return (await startDistribution([], address)).host;
}

/** The same with one user, `docker`: the server makes its password up and says it once. */
export async function guardedDistribution(): Promise<{
  readonly host: string;
  readonly password: string;
}> {
  const { host, said } = await startDistribution([
    'auth: { htpasswd: { realm: r, path: FOLDER/htpasswd } }',
  ]);
  const password = /password=(\S+)/.exec(said())?.[1];
  if (password === undefined) throw new Error(`docker-registry gave no password: ${said()}`);
  return { host, password };
}

/** A real registry server that can be lost, and come back with what it had. */
interface Mortal {
  readonly host: string;
  /** Where it keeps what it has. */
  readonly folder: string;
  kill(): void;
  revive(): Promise<void>;
}

export function mortalDistribution(): Promise<Mortal> {
  return startDistribution([]);
}

async function startDistribution(more: readonly string[], address = '127.0.0.1') {
  const host = `${address}:${await freePort()}`;
  const folder = await project({});
  const config = [
    'version: 0.1',
    `log: { level: ${more.length === 0 ? 'error' : 'warn'} }`,
    `storage: { filesystem: { rootdirectory: ${folder} }, delete: { enabled: true } }`,
    `http: { addr: "${host}" }`,
    ...more.map((line) => line.replace('FOLDER', folder)),
  ].join('\n');
  await fs.writeFile(join(folder, 'config.yml'), config);
  let output = '';
  const start = async () => {
    const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-64 * 1024);
      });
    }
    const gone = new Promise((resolve) => child.once('close', resolve));
    afterwards(async () => {
      child.kill();
      await gone;
    });
    while (!(await answers(`http://${host}/v2/`))) {
      if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return child;
  };
  let child = await start();
  return {
    host,
    folder,
    said: () => output,
    kill: () => void child.kill('SIGKILL'),
    async revive() {
      child = await start();
    },
  };
}

/** Tags that a registry serves for a repository, sorted; none where it does not know it. */
export async function tagsAt(host: string, repository: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/${repository}/tags/list`);
  if (answer.status === 404) return [];
  const { tags } = (await answer.json()) as { tags: string[] | null };
  return (tags ?? []).sort();
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** A list fails where something of somebody else's goes while it is made. */
function docker(...args: string[]): Promise<string> {
  return command('docker', args).catch(() => command('docker', args));
}

/** Ids of the images in the engine: those that are there before a run are not its own. */
export async function imagesHeld(): Promise<readonly string[]> {
  return lines(await docker('images', '-aq', '--no-trunc'));
}

/** What a run made in the engine and did not take away: containers, images, builders. */
export async function leftovers(
  evidence: Evidence | undefined,
  held: readonly string[] = [],
): Promise<readonly string[]> {
  if (evidence === undefined) throw new Error('the run left no evidence');
  const { id } = evidence.run;
  const [containers, images, builders] = await Promise.all([
    docker('ps', '-aq', '--no-trunc', '--filter', `label=sea-trial.run=${id}`),
    imagesHeld(),
    docker('buildx', 'ls', '--format', '{{.Name}}'),
  ]);
  const ours = new Set(evidence.trials.map(({ loaded }) => loaded?.id));
  return [
    ...lines(containers),
    ...images.filter((image) => ours.has(image) && !held.includes(image)),
    ...lines(builders).filter((name) => name.includes(id)),
  ];
}
