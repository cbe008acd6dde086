import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
      - run: echo 'heard \${{ steps.trial.outputs.verdict }} \${{ steps.trial.outputs.digest }}'
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

async function runWorkflow(): Promise<readonly Line[]> {
  const place = await exampleWorkspace('greeter');
  const cache = await mkdtemp(join(tmpdir(), 'sea-trial-act-'));
  undo.push(place.remove, () => rm(cache, { recursive: true, force: true }));
  for (const part of ['action.yml', 'dist']) {
    await cp(join(root, part), join(place.path, 'sea-trial', part), { recursive: true });
  }
  const workflow = join(place.path, '.github', 'workflows', 'images.yml');
  await mkdir(dirname(workflow), { recursive: true });
  await writeFile(workflow, WORKFLOW);
  // act runs the first node on PATH, whatever `using` says.
  const node = join(root, 'node_modules', 'node', 'bin');
  const output = execFileSync(
    actProgram(),
    ['push', '--json', '--platform', 'ubuntu-latest=-self-hosted'],
    {
      cwd: place.path,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${node}:${process.env.PATH}`, XDG_CACHE_HOME: cache },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

test('act runs a workflow with the action, its outputs, its summary and its post', async () => {
  const lines = await runWorkflow();
  const output = (name: string) =>
    lines.find((line) => line.command === 'set-output' && line.name === name)?.arg;
  expect(output('verdict')).toBe('passed');
  expect(output('digest')).toMatch(/^sha256:[0-9a-f]{64}$/);
  const said = lines.map(({ msg = '' }) => msg.trim());
  expect(said).toContain(`heard passed ${output('digest')}`);
  const summary = lines.find(({ command }) => command === 'summary')?.content;
  expect(summary).toMatch(/^## .*greeter/);
  expect(lines.filter(({ stepResult }) => stepResult === 'failure')).toEqual([]);
  expect(said.join('\n')).toContain('Success - Post ./sea-trial');
  expect(lines.at(-1)).toMatchObject({ jobResult: 'success' });
});
