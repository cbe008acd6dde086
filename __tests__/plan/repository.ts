import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig, type Request } from '../../src/config/index.js';
import { makePlan, type Planned, type Planning } from '../../src/plan/index.js';
import { realPorts } from '../../src/ports/index.js';
import { request as requestFor } from '../config/memory.js';

const run = promisify(execFile);

export type Content = Readonly<Record<string, string>>;

export const DOCKERFILE = 'ARG BASE=alpine:3.22\nFROM $BASE\n';

/** One image; the lines stand below its name and tags. */
export function yaml(...more: readonly string[]): string {
  return ['images:', '  - name: ghcr.io/acme/greeter', '    tags: [dev]', ...more].join('\n');
}

/** A checkout with that Dockerfile. */
export const files = (text: string): Content => ({ 'sea-trial.yml': text, Dockerfile: DOCKERFILE });

/** A surrounding that is the same on every machine. */
const ENV: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: join(tmpdir(), `sea-trial-no-home-${process.pid}`),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_AUTHOR_DATE: '2024-05-06T07:08:09Z',
  GIT_COMMITTER_DATE: '2024-05-06T07:08:09Z',
};

const folders: string[] = [];

/** Writes files into a new folder, whose parent holds nothing else: a plan may look through it. */
export async function folder(content: Content): Promise<string> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'sea-trial-plan-')));
  const root = join(parent, 'checkout');
  folders.push(parent);
  await mkdir(root);
  await write(root, content);
  return root;
}

export async function write(root: string, content: Content): Promise<void> {
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** To be called after every test. */
export async function removeFolders(): Promise<void> {
  for (const one of folders.splice(0)) await rm(one, { recursive: true, force: true });
}

export async function git(root: string, ...args: readonly string[]): Promise<string> {
  return (await run('git', [...args], { cwd: root, env: ENV })).stdout.trim();
}

/** A repository with one commit that holds the files. */
export async function repository(content: Content): Promise<string> {
  const root = await folder(content);
  await git(root, 'init', '-q', '-b', 'main');
  await git(root, 'remote', 'add', 'origin', 'git@github.com:acme/greeter.git');
  await git(root, 'add', '-A');
  await git(root, 'commit', '-q', '-m', 'first');
  return root;
}

/** What `sea-trial.yml` in the folder and the request make together. */
export async function planOf(
  root: string,
  more: Partial<Request> = {},
  env: Content = {},
  architecture = 'x64',
): Promise<Planning> {
  const request = requestFor({ root, ...more });
  const machine = { system: 'linux', architecture, processors: 2 };
  const ports = { ...realPorts(), machine, env: { ...ENV, ...env } };
  return makePlan(loadConfig(request, ports), request, ports);
}

/** The plan, or an error that holds its problems. */
export async function planned(...asked: Parameters<typeof planOf>): Promise<Planned> {
  const planning = await planOf(...asked);
  if ('problems' in planning) throw new Error(JSON.stringify(planning.problems, null, 2));
  return planning;
}

/** The problems as `line:column message`. */
export async function problems(...asked: Parameters<typeof planOf>): Promise<readonly string[]> {
  const planning = await planOf(...asked);
  if (!('problems' in planning)) return [];
  return planning.problems.map(({ line, column, message }) =>
    line === undefined ? message : `${line}:${column} ${message}`,
  );
}
