import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { DIST, NODE, runAction } from './harness.js';
import { type Workspace, workspace } from './workspace.js';

/*
 * The action alone loads @actions/*: a hook of node's module loader notes every file of
 * the bundle that a door loads.
 */

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const HOOK = `
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.SEA_TRIAL_LOADED, url + '\\n');
    return next(url, context);
  },
});
`;

/** The variables by which a process notes what it loads, and what it has noted of the bundle. */
async function noting() {
  const folder = await mkdtemp(join(tmpdir(), 'sea-trial-loaded-'));
  undo.push(() => rm(folder, { recursive: true }));
  const [hook, list] = [join(folder, 'hook.mjs'), join(folder, 'list')];
  await writeFile(hook, HOOK);
  await writeFile(list, '');
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(hook)}`, SEA_TRIAL_LOADED: list };
  const loaded = async () => {
    const urls = (await readFile(list, 'utf8')).split('\n');
    const ofBundle = urls.filter((url) => url.startsWith(pathToFileURL(`${DIST}/`).href));
    return ofBundle.map((url) => basename(url)).toSorted();
  };
  return { env, loaded };
}

/** Strings that only the packages have: core, exec, tool-cache and github. */
const OF_ACTIONS = ['ghadelimiter_', 'windowsVerbatimArguments', 'isExplicit', 'octokit'];

/** Files of the bundle that hold a part of @actions/*; each of the packages is in one of them. */
async function holdingActions(): Promise<readonly string[]> {
  const names = (await readdir(DIST)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(names.map((name) => readFile(join(DIST, name), 'utf8')));
  for (const mark of OF_ACTIONS) expect(texts.join('')).toContain(mark);
  return names.filter((_, at) => OF_ACTIONS.some((mark) => texts[at]?.includes(mark)));
}

const place = (): Promise<Workspace> =>
  workspace({
    Dockerfile: 'FROM busybox:1.37\nCMD ["true"]\n',
    'sea-trial.yml':
      'images: [{ name: ghcr.io/acme/a, platforms: [linux/amd64], tests: ["true"] }]\n',
  });

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

function commandLine(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      NODE,
      [join(DIST, 'cli.js'), ...args],
      { cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (_, stdout) => resolve({ code: child.exitCode, stdout }),
    );
  });
}

test.each([
  ['--help', ['--help'], {}],
  ['plan', ['plan', '--json'], {}],
  ['run', ['run', '--json'], {}],
  ['run in a step of a workflow', ['run', '--json'], { GITHUB_ACTIONS: 'true', RUNNER_DEBUG: '1' }],
])('the command line loads nothing of @actions: %s', async (_, args, more) => {
  const { path, remove } = await place();
  undo.push(remove);
  const { env, loaded } = await noting();
  const { code, stdout } = await commandLine(path, args, { ...process.env, ...more, ...env });
  expect(code).toBe(0);
  const seen = await loaded();
  expect(seen).toEqual(expect.arrayContaining(['cli.js', 'index.js']));
  const actions = await holdingActions();
  expect(seen.filter((name) => actions.includes(name))).toEqual([]);
  if (args.includes('--json')) expect(JSON.parse(stdout)).toBeInstanceOf(Object);
});

test('the action loads them', async () => {
  const { path, remove } = await place();
  undo.push(remove);
  const { env, loaded } = await noting();
  const result = await runAction({ workspace: path, env, with: { mode: 'plan' } });
  undo.push(result.clean);
  expect(result.exitCode).toBe(0);
  const actions = await holdingActions();
  expect((await loaded()).filter((name) => actions.includes(name))).not.toEqual([]);
});
