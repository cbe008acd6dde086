import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from '@jest/globals';
import { runIn } from '../integration/rig.js';
import { type Command, commandsIn } from './commands.js';
import { runAction } from './harness.js';
import { workspace } from './workspace.js';

/*
 * An image whose build and tests print what the runner would obey: read as the
 * runner reads it, the output of the whole program holds no command but ours.
 */

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

const OBEYED = [
  '::set-output name=verdict::said',
  '::set-output name=digest::sha256:said',
  '::save-state name=run::said',
  '::add-mask::passed',
  '::error file=Dockerfile,line=1::said',
  '::add-matcher::/said.json',
  '::group::said',
  '::stop-commands::said',
  '::echo::on',
  '##[set-env name=PATH]/said',
  '##[add-path]/said',
  '##[error]said',
  '##[endgroup]',
];

/** Alone, within words, behind white space, escapes and lone carriage returns, in and behind a megabyte. */
const SAID = [
  ...OBEYED,
  ...OBEYED.map((line) => `words ${line}`),
  ...OBEYED.map((line) => ` \t\u0085\u00a0${line}`),
  ...OBEYED.map((line) => `\u001b[31m${line}\u001b[0m`),
  ...OBEYED.map((line) => `\u202e\u200b${line}`),
  `10%\r${OBEYED.join('\r')}`,
  `${'x'.repeat(1_000_000)} ##[error]said`,
  `${' '.repeat(1_000_000)}::error::said`,
  ...OBEYED,
  '',
].join('\n');

const CONFIGURATION = `
images:
  - name: ghcr.io/acme/loud
    platforms: [linux/amd64]
    tests:
      - { name: "::error::said", run: "cat /said; cat /said >&2; exit 3" }
      - { name: "##[error]said", run: "cat /said", stdout: "::error::no" }
      - { name: "a host's words", on: host, run: "cat said; cat said >&2; exit 1\\n::error::said\\r::error::said ##[error]said" }
`;

async function loud() {
  // The build speaks only where it is not cached.
  const place = await workspace({
    Dockerfile: `FROM busybox:1.37\nLABEL said="::error::said ##[error]said"\nCOPY said /said\nRUN cat /said; cat /said >&2; echo '##[error]said' # ${randomUUID()}\nCMD ["cat", "/said"]\n`,
    said: SAID,
    'sea-trial.yml': CONFIGURATION,
  });
  undo.push(place.remove);
  return place;
}

/** Groups of output between their own tokens, and nothing open at the end. */
function expectOnlyQuotes(commands: readonly Command[]): void {
  let token: string | undefined;
  let open = 0;
  for (const { name, data } of commands) {
    if (name === 'stop-commands') {
      expect(data).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      token = data;
    } else if (name === token) token = undefined;
    else {
      expect(['group', 'endgroup']).toContain(name);
      open += name === 'group' ? 1 : -1;
    }
  }
  expect([token, open]).toEqual([undefined, 0]);
}

test('the action obeys nothing that an image, its build or its tests say', async () => {
  const place = await loud();
  const result = await runAction({ workspace: place.path, env: { RUNNER_DEBUG: '1' } });
  undo.push(result.clean);
  expect(result.log).toContain('said');
  expect(result.exitCode).toBe(1);
  // The debug log has all commands, and with them the text of the test on the host.
  const ours = new Set(['error', 'add-mask', 'debug']);
  const debug = result.commands.flatMap(({ name, data }) => (name === 'debug' ? [data] : []));
  expect(debug.filter((line) => line.includes('::error::said'))).toHaveLength(1);
  expectOnlyQuotes(result.commands.filter(({ name }) => !ours.has(name)));
  // The workflow's token, which action.yml gives, before anything else.
  expect(result.commands.findIndex(({ name }) => name === 'add-mask')).toBe(0);
  expect(result.commands.filter(({ name }) => name === 'add-mask')).toHaveLength(1);
  const places = result.annotations.map(({ kind, file, line }) => [kind, file, line]);
  expect(places).toEqual([6, 7, 8].map((line) => ['error', 'sea-trial.yml', line]));
  expect(result.outputs.get('verdict')).toBe('failed');
  expect(result.outputs.get('digest')).toBe('');
  expect([...result.state].sort()).toEqual([
    ['beside', expect.stringMatching(/\/sea-trial-evidence-[\w-]+$/)],
    ['run', expect.stringMatching(/^42-/)],
  ]);
  expect([...result.environment]).toEqual([]);
});

test('nor does it obey any of a million lines', async () => {
  const said = Array.from({ length: 270_000 }, (_, at) => OBEYED[at % OBEYED.length]).join('\n');
  const place = await workspace({
    Dockerfile: `FROM busybox:1.37\nCOPY said /\nRUN cat /said /said # ${randomUUID()}\nCMD ["true"]\n`,
    said,
    'sea-trial.yml': `images:\n  - name: ghcr.io/acme/loud\n    platforms: [linux/amd64]\n    tests: [{ run: "cat /said; cat /said >&2; exit 1" }]\n`,
  });
  undo.push(place.remove);
  const result = await runAction({ workspace: place.path });
  undo.push(result.clean);
  const evidence = JSON.parse(await readFile(result.outputs.get('evidence') ?? '', 'utf8'));
  const [only] = evidence.trials[0].tests;
  expect([only.stdout.bytes, only.stderr.bytes]).toEqual([said.length, said.length]);
  expect(result.said).toContain('##[error]said');
  const ours = new Set(['error', 'add-mask']);
  expectOnlyQuotes(result.commands.filter(({ name }) => !ours.has(name)));
  expect(result.annotations.map(({ file }) => file)).toEqual(['sea-trial.yml']);
  expect([result.exitCode, result.outputs.get('verdict')]).toEqual([1, 'failed']);
}, 120_000);

test('nor does the command line in a step of a workflow, in either output', async () => {
  const [place, other] = await Promise.all([loud(), loud()]);
  const env = { GITHUB_ACTIONS: 'true' };
  const [text, json] = await Promise.all([
    runIn(place.path, ['--verbose'], { env }),
    runIn(other.path, ['--json', '--verbose'], { env }),
  ]);
  for (const { code, stdout, stderr } of [text, json]) {
    expect(code).toBe(1);
    expect(commandsIn(stdout)).toEqual([]);
    expect(stderr).toContain('::group::Output of loud linux/amd64');
    expectOnlyQuotes(commandsIn(stderr));
    expectOnlyQuotes(commandsIn(`${stderr}\n${stdout}`));
    expectOnlyQuotes(commandsIn(`${stdout}\n${stderr}`));
  }
  expect(text.stdout).toContain('said');
  expect(JSON.parse(json.stdout)).toEqual(json.evidence);
  expect(json.evidence?.trials[0]?.tests[0]?.stdout.text).toContain('##[error]said');
});

test('what is wrong with a configuration is no command either', async () => {
  const place = await workspace({
    Dockerfile: 'FROM busybox:1.37\n',
    'sea-trial.yml': `images:\n  - name: ghcr.io/acme/a\n    "::error::said\\r::error::said": 1\n    "##[error]said": 2\n`,
  });
  undo.push(place.remove);
  const run = await runIn(place.path, ['::error::said', '--said\n::error::said'], {
    env: { GITHUB_ACTIONS: 'true' },
  });
  const again = await runIn(place.path, [], { env: { GITHUB_ACTIONS: 'true' } });
  for (const { code, stdout, stderr } of [run, again]) {
    expect(code).toBe(2);
    expect(stderr).toContain('said');
    expect(commandsIn(stdout + stderr)).toEqual([]);
  }
  const result = await runAction({
    workspace: place.path,
    with: { secrets: 'no-name-for-this-one' },
  });
  undo.push(result.clean);
  expect(result.commands[1]).toMatchObject({ name: 'add-mask', data: 'no-name-for-this-one' });
  expect(result.log).not.toContain('no-name-for-this-one');
  const quoted = result.commands.filter(({ name }) => !/^(error|add-mask)$/.test(name));
  expectOnlyQuotes(quoted);
  expect(await readFile(`${place.path}/Dockerfile`, 'utf8')).toContain('busybox');
});
