import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed } from './measure.js';

/*
 * What the measurements need around them: folders, a registry server that is
 * not ours, a builder. Everything is undone in reverse order, also after an error.
 */

// Compiled into build/bench/bench.
export const ROOT = join(import.meta.dirname, '..', '..', '..');
export const DIST = process.env.SEA_TRIAL_DIST ?? join(ROOT, 'dist');
export const CLI = join(DIST, 'cli.js');

/** What the set-up of this repository's tests wrote down (scripts/setup.sh); empty elsewhere. */
function readRig(): ReadonlyMap<string, string> {
  const { SEA_TRIAL_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = SEA_TRIAL_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sea-trial');
  try {
    const lines = readFileSync(join(cache, 'rig', 'env'), 'utf8').split('\n');
    return new Map(lines.map((line) => line.split('=', 2) as [string, string]));
  } catch {
    return new Map();
  }
}

const rig = readRig();

/** A run is as on a person's machine, whatever CI this one is in. */
export const environment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries({
    ...process.env,
    PATH: `${rig.get('SEA_TRIAL_RIG_BIN') ?? ''}:${process.env.PATH}`,
  }).filter(([name]) => !name.startsWith('GITHUB_') && !name.startsWith('npm_')),
);

const steps: (() => unknown)[] = [];

export function afterwards(step: () => unknown): void {
  steps.push(step);
}

export async function undo(): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step();
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sea-trial-bench-'));
  afterwards(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await timed({ file: 'docker', args, env: environment });
  return stdout.trim();
}

/** Does something in the engine whose failure changes nothing that is measured. */
export async function dockerIfPossible(...args: string[]): Promise<void> {
  await docker(...args).catch(() => {});
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const there = await fetch(url).then(
      () => true,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`docker-registry ended with ${child.exitCode}.`);
}

/** A registry server (distribution) with nothing in it; answers its `host:port`. */
export async function registry(): Promise<string> {
  const host = `127.0.0.1:${await freePort()}`;
  const place = folder();
  const config = join(place, 'config.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: { filesystem: { rootdirectory: ${place} } }\nhttp: { addr: "${host}" }\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { env: environment, stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('close', resolve));
  afterwards(async () => {
    child.kill();
    await gone;
  });
  await Promise.race([
    untilItAnswers(`http://${host}/v2/`, child),
    new Promise((_, reject) => child.once('error', reject)),
  ]);
  return host;
}

/** Options with which a docker-container builder reaches registries on this machine. */
export const builderOptions: readonly string[] = [
  '--driver-opt=network=host',
  ...(rig.has('SEA_TRIAL_BUILDKITD_CONFIG')
    ? [`--buildkitd-config=${rig.get('SEA_TRIAL_BUILDKITD_CONFIG')}`]
    : []),
];

/** A docker-container builder of the bench's own, gone with its cache afterwards; answers its name. */
export async function builder(): Promise<string> {
  const name = `sea-trial-bench-${randomUUID()}`;
  afterwards(() => dockerIfPossible('buildx', 'rm', '--force', name));
  const driver = ['--driver=docker-container', ...builderOptions];
  await docker('buildx', 'create', `--name=${name}`, ...driver, '--bootstrap');
  return name;
}

/** The folder with the builder and its run image as OCI layouts. */
export function buildpackLayouts(): string {
  const layouts = rig.get('SEA_TRIAL_BUILDPACKS');
  if (layouts === undefined) throw new Error('There is no builder; npm run setup makes one.');
  return layouts;
}

export async function store(): Promise<'containerd' | 'classic'> {
  const status = await docker('info', '--format', '{{json .DriverStatus}}');
  return status.includes('io.containerd.snapshotter') ? 'containerd' : 'classic';
}
