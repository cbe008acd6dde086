import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { root } from './harness.js';
import { exampleWorkspace } from './workspace.js';

/*
 * The same once more through act (github.com/nektos/act), which runs whole
 * workflows and was written by somebody else than the harness.
 */

const WORKFLOW = `
on: push
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - id: trial
        uses: ./sea-trial
      - run: echo 'heard \${{ steps.trial.outputs.verdict }} \${{ steps.trial.outputs.embedded-digest }}'
`;

const undo: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const step of undo.splice(0)) await step();
});

function actProgram(): string {
  const { SEA_TRIAL_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = SEA_TRIAL_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sea-trial');
  return join(cache, 'rig', 'bin', 'act');
}

interface Line {
  readonly command?: string;
  readonly content?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly msg?: string;
  readonly stepResult?: string;
  readonly jobResult?: string;
}

/** What act prints of the workflows of a folder, run for a push; `programs` come first on PATH. */
async function act(
  cwd: string,
  args: readonly string[],
  programs: readonly string[] = [],
): Promise<readonly Line[]> {
  const cache = await mkdtemp(join(tmpdir(), 'sea-trial-act-'));
  undo.push(() => rm(cache, { recursive: true, force: true }));
  // act runs the first node on PATH, whatever `using` says.
  const node = join(root, 'node_modules', 'node', 'bin');
  const PATH = [...programs, node, process.env.PATH].join(':');
  const output = execFileSync(actProgram(), ['push', '--json', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

async function writeTo(folder: string, path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text, { mode });
}

async function copyTo(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await cp(join(root, path), join(folder, path), { recursive: true });
}

async function runWorkflow(): Promise<readonly Line[]> {
  const place = await exampleWorkspace('greeter');
  undo.push(place.remove);
  for (const part of ['action.yml', 'dist']) {
    await cp(join(root, part), join(place.path, 'sea-trial', part), { recursive: true });
  }
  await writeTo(place.path, '.github/workflows/images.yml', WORKFLOW);
  return act(place.path, ['--platform', 'ubuntu-latest=-self-hosted']);
}

test('act runs a workflow with the action, its outputs, its summary and its post', async () => {
  const lines = await runWorkflow();
  const output = (name: string) =>
    lines.find((line) => line.command === 'set-output' && line.name === name)?.arg;
  expect(output('verdict')).toBe('passed');
  expect(output('digest')).toBe('');
  expect(output('embedded-digest')).toMatch(/^sha256:[0-9a-f]{64}$/);
  const said = lines.map(({ msg = '' }) => msg.trim());
  expect(said).toContain(`heard passed ${output('embedded-digest')}`);
  const summary = lines.find(({ command }) => command === 'summary')?.content;
  expect(summary).toMatch(/^## .*greeter/);
  expect(lines.filter(({ stepResult }) => stepResult === 'failure')).toEqual([]);
  expect(said.join('\n')).toContain('Success - Post ./sea-trial');
  expect(lines.at(-1)).toMatchObject({ jobResult: 'success' });
});

/** A repository with what a release is made from, whose checks all pass. */
async function releasable(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sea-trial-release-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const workflow = '.github/workflows/release.yml';
  await copyTo(folder, ['action.yml', 'dist', 'LICENSE', 'README.md', 'scripts/release.mjs']);
  await copyTo(folder, ['package.json', workflow]);
  await writeTo(
    folder,
    '.github/workflows/ci.yml',
    'on: workflow_call\njobs: { all: { runs-on: ubuntu-24.04, steps: [{ run: echo checked }] } }\n',
  );
  await writeTo(folder, 'CHANGELOG.md', `# Changelog\n\n## ${version}\n\n### Fixed\n\n- All.\n`);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
    });
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'a');
  git('tag', `v${version}`);
  return folder;
}

/** GitHub's client, as far as the workflow asks it: it notes its arguments, and no major tag is there yet. */
const GH = '#!/bin/sh\nprintf "%s\\n" "$*" >>"$0.log"\ncase "$*" in *PATCH*) exit 1 ;; esac\n';

test('a release is checked, packed, released and gets its major tag', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const folder = await releasable(version);
  const tools = await mkdtemp(join(tmpdir(), 'sea-trial-gh-'));
  undo.push(() => rm(tools, { recursive: true, force: true }));
  await writeTo(tools, 'gh', GH, 0o755);
  await writeTo(folder, 'event.json', JSON.stringify({ ref: `refs/tags/v${version}` }));
  const lines = await act(
    folder,
    ['--eventpath', 'event.json', '--platform', 'ubuntu-24.04=-self-hosted'].concat([
      '--workflows',
      '.github/workflows/release.yml',
    ]),
    [tools],
  );
  expect(lines.filter(({ stepResult }) => stepResult === 'failure')).toEqual([]);
  const said = lines.map(({ msg = '' }) => msg.trim());
  expect(said.indexOf('checked')).toBeLessThan(said.findIndex((msg) => msg.endsWith('.tgz')));
  const log = await readFile(join(tools, 'gh.log'), 'utf8');
  // act itself asks for a token first.
  const asked = log.split('\n').filter((line) => /^(api|release) /.test(line));
  const sha = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: folder, encoding: 'utf8' }).trim();
  expect(asked.map((line) => line.replace(/ repos\/\S+?\/git/, ' git'))).toEqual([
    `release create v${version} sea-trial-${version}.tgz --verify-tag --title v${version} --notes-file notes.md`,
    `api --silent --method PATCH git/refs/tags/v0 -f sha=${sha} -F force=true`,
    `api --silent --method POST git/refs -f ref=refs/tags/v0 -f sha=${sha}`,
  ]);
});
