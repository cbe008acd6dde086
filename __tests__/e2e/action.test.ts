import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { type Asked, type Result, root, runAction } from './harness.js';
import { exampleWorkspace, type Workspace, workspace } from './workspace.js';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

const undo: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

async function act(place: Workspace, asked: Omit<Asked, 'workspace'> = {}): Promise<Result> {
  undo.push(place.remove);
  const result = await runAction({ workspace: place.path, ...asked });
  undo.push(result.clean);
  return result;
}

/** Ids of the containers that a run has made, running or not; or of those that run a command. */
function containersOf(run: string, running?: string): readonly string[] {
  const state = running === undefined ? [] : ['--filter', 'status=running'];
  const format = ['--no-trunc', '--format', '{{.ID}} {{.Command}}'];
  const args = ['ps', '--all', '--filter', `label=sea-trial.run=${run}`, ...state, ...format];
  const output = execFileSync('docker', args, { encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '' && line.includes(running ?? ''));
}

const DOCKERFILE = 'FROM busybox:1.37\nCMD ["true"]\n';

describe('the action', () => {
  test('tries examples/greeter on three platforms and tells the workflow', async () => {
    const result = await act(await exampleWorkspace('greeter'));
    expect(result.annotations).toEqual([]);
    expect(result.log).toContain('tested on 3 platforms');
    expect(result.exitCode).toBe(0);
    expect(result.outputs.get('verdict')).toBe('passed');
    expect(result.outputs.get('digest')).toBe('');
    expect(result.outputs.get('embedded-digest')).toMatch(DIGEST);
    expect(JSON.parse(result.outputs.get('digests') ?? '')).toEqual({
      greeter: {
        'linux/amd64': expect.stringMatching(DIGEST),
        'linux/arm64': expect.stringMatching(DIGEST),
        'linux/s390x': expect.stringMatching(DIGEST),
      },
    });
    const evidence = JSON.parse(await readFile(result.outputs.get('evidence') ?? '', 'utf8'));
    expect(evidence.run.id).toMatch(/^42-[0-9a-f]{8}$/);
    expect(evidence.publications[0].index.digest).toBe(result.outputs.get('embedded-digest'));
    expect(result.summary).toMatch(/^## .*greeter/);
    expect(result.post).toEqual({ exitCode: 0, log: '' });
    expect(containersOf(evidence.run.id)).toEqual([]);
    // Only the evidence is left for later steps.
    expect(await readdir(result.temporary)).toEqual([
      expect.stringMatching(/^sea-trial-evidence-/),
    ]);
  });

  test('builds the image that its inputs describe, without a configuration', async () => {
    const place = await workspace({
      'Image.Dockerfile': `${DOCKERFILE}ARG WORD\nENV WORD=$WORD\n`,
    });
    const result = await act(place, {
      with: {
        file: 'Image.Dockerfile',
        tags: 'ghcr.io/acme/worded:1\nghcr.io/acme/worded:latest',
        platforms: 'linux/amd64',
        'build-args': 'WORD=a, "quoted" word',
        test: `test "$WORD" = 'a, "quoted" word'`,
      },
    });
    expect(result.annotations).toEqual([]);
    expect(result.exitCode).toBe(0);
    expect(Object.keys(JSON.parse(result.outputs.get('digests') ?? ''))).toEqual(['worded']);
    expect(result.outputs.get('imageid')).toBe('');
    expect(result.outputs.get('metadata')).toBe('{}');
  });

  test('gives an image without tags the name of the repository, and says so', async () => {
    const place = await workspace({
      Dockerfile:
        'FROM busybox:1.37 AS programs\nFROM scratch\nCOPY --from=programs /bin/busybox /\n',
    });
    const test = '["/busybox", "true"]';
    const result = await act(place, { with: { tags: '', platforms: 'linux/amd64', test } });
    expect(result.annotations).toEqual([]);
    expect(result.exitCode).toBe(0);
    expect(Object.keys(JSON.parse(result.outputs.get('digests') ?? ''))).toEqual(['greeter']);
    const sentence =
      'The input "tags" is empty; the image is called acme/greeter, after the repository.';
    expect(result.log).toContain(sentence);
    expect(result.summary).toContain('the image is called acme/greeter, after the repository.');
  });

  test('says what an image without tags lacks where it is to be pushed', async () => {
    const place = await workspace({ Dockerfile: DOCKERFILE });
    const result = await act(place, { with: { tags: '', context: '.', push: 'true' } });
    expect(result.exitCode).toBe(2);
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        'is empty, so there is nothing to push to. If a step such as docker/metadata-action',
      ),
    ]);
  });

  test('obeys nothing that an image says', async () => {
    const said = [
      '::set-output name=verdict::said',
      '::error::said by the image',
      'words ##[error]said by the image',
      '::add-mask::busybox',
      '::stop-commands::forever',
    ];
    const place = await workspace({
      // The build speaks only where it is not cached.
      Dockerfile: `${DOCKERFILE}COPY said /said\nRUN cat /said # ${randomUUID()}\n`,
      said: `${said.join('\n')}\n${said.join('\r')}\n`,
      'sea-trial.yml': [
        'images:',
        '  - name: ghcr.io/acme/loud',
        '    platforms: [linux/amd64]',
        '    tests:',
        '      - { name: "::error::a name", run: "cat /said; cat /said >&2; exit 3" }',
        '',
      ].join('\n'),
    });
    const result = await act(place);
    expect(result.log).toContain('said by the image');
    expect(result.exitCode).toBe(1);
    expect(result.outputs.get('verdict')).toBe('failed');
    const obeyed = result.commands.filter(({ name }) => !/^[0-9a-f-]{36}$/.test(name));
    expect(new Set(obeyed.map(({ name }) => name))).toEqual(
      new Set(['add-mask', 'group', 'endgroup', 'stop-commands', 'error']),
    );
    const [annotation, ...more] = result.annotations;
    expect(more).toEqual([]);
    expect(annotation).toMatchObject({ kind: 'error', file: 'sea-trial.yml', line: 5 });
    expect(annotation?.title).toContain('test-failed');
  });

  test('annotates every line of a configuration that is wrong, and starts nothing', async () => {
    const place = await workspace({
      Dockerfile: DOCKERFILE,
      'sea-trial.yml':
        'images:\n  - name: ghcr.io/acme/a\n    platfroms: [linux/amd64]\n    tags: ["a b"]\n',
    });
    const result = await act(place);
    expect(result.exitCode).toBe(2);
    expect([...result.outputs]).toEqual([['verdict', 'errored']]);
    expect(result.summary).toMatch(/^## ✘ sea-trial\.yml has 2 problems; nothing was started\./);
    expect(result.summary).toContain('<code>sea-trial.yml:4:12</code>');
    expect(result.state.get('run')).toBeUndefined();
    expect(await readdir(result.temporary)).toEqual([]);
    expect(result.annotations.map(({ kind, file, line }) => [kind, file, line])).toEqual([
      ['error', 'sea-trial.yml', 3],
      ['error', 'sea-trial.yml', 4],
    ]);
  });

  test('tells what came of a run whose evidence cannot be kept', async () => {
    const place = await workspace({
      Dockerfile: DOCKERFILE,
      'sea-trial.yml': [
        'images:',
        '  - name: ghcr.io/acme/a',
        '    tags: [dev]',
        '    platforms: [linux/amd64]',
        '    tests:',
        '      - name: in the way',
        '        on: host',
        '        run: cd "$SEA_TRIAL_LAYOUT"/../../sea-trial-evidence-* && mkdir evidence.json',
      ].join('\n'),
    });
    const result = await act(place);
    expect(result.exitCode).toBe(3);
    expect(result.log).toContain('tested on 1 platform');
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining('The evidence could not be written to'),
    ]);
    expect(result.outputs.get('verdict')).toBe('passed');
    expect(result.outputs.get('evidence')).toBe('');
    expect(result.outputs.get('embedded-digest')).toMatch(DIGEST);
    expect(result.summary).toMatch(/^## ✔/);
    expect(await readdir(result.temporary)).toEqual([]);
  });

  test('says that nothing was published where no engine answers', async () => {
    const place = await workspace({ Dockerfile: DOCKERFILE });
    const result = await act(place, {
      env: { DOCKER_HOST: `unix://${place.path}/nobody.sock` },
      with: { tags: 'ghcr.io/acme/a:1', platforms: 'linux/amd64' },
    });
    expect(result.exitCode).toBe(3);
    expect([...result.outputs]).toEqual([['verdict', 'errored']]);
    expect(result.summary).toMatch(
      /^## ✘ The run could not continue; nothing was published\.\n\n```/,
    );
    expect(result.summary).toContain('nobody.sock');
    expect(result.annotations).toMatchObject([
      { kind: 'error', message: expect.stringContaining('The Docker engine does not answer') },
    ]);
    expect(await readdir(result.temporary)).toEqual([]);
  });

  test('prints a plan and starts nothing', async () => {
    const result = await act(await exampleWorkspace('greeter'), { with: { mode: 'plan' } });
    expect(result.exitCode).toBe(0);
    expect(result.log).toContain('embedded: acme/greeter:dev, in place of ghcr.io/');
    expect([...result.outputs]).toEqual([]);
    expect(result.summary).toMatch(/^## A plan of 1 image, 3 trials; nothing was started\.\n\n```/);
    expect(await readdir(result.temporary)).toEqual([]);
  });

  test('answers an input that is misspelt or not taken', async () => {
    const place = await workspace({ Dockerfile: DOCKERFILE });
    const result = await act(place, {
      with: { tags: 'ghcr.io/acme/a:1', platfroms: 'linux/amd64', outputs: 'type=local,dest=x' },
    });
    expect(result.exitCode).toBe(2);
    expect(result.unexpected).toEqual(['platfroms', 'outputs']);
    expect([...result.outputs]).toEqual([['verdict', 'errored']]);
    expect(result.summary).toContain('- <code>input &#34;platfroms&#34;</code> there is no such');
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining('did you mean "platforms"?'),
      expect.stringContaining('use "load: true"'),
    ]);
  });

  test('answers a builder that cannot be made with what this machine has, before anything starts', async () => {
    const place = await workspace({ Dockerfile: DOCKERFILE });
    const result = await act(place, {
      with: {
        tags: 'ghcr.io/acme/a:1',
        platforms: 'linux/amd64',
        endpoint: 'nowhere-at-all',
        'buildkitd-config': 'foo.toml',
      },
    });
    expect(result.exitCode).toBe(2);
    expect([...result.outputs]).toEqual([['verdict', 'errored']]);
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        'input "endpoint": "nowhere-at-all" is not a docker context; there are: default',
      ),
      `input "buildkitd-config": ${place.path}/foo.toml: the file does not exist`,
    ]);
  });

  test('hides secrets and keeps them out of everything it leaves', async () => {
    const place = await workspace({
      // Cached, the step would say nothing.
      Dockerfile: `${DOCKERFILE}RUN --mount=type=secret,id=word cat /run/secrets/word # ${randomUUID()}\n`,
    });
    const secret = 'a-very-secret-word';
    const result = await act(place, {
      with: { tags: 'ghcr.io/acme/a:1', secrets: `word=${secret}`, platforms: 'linux/amd64' },
    });
    expect(result.commands).toContainEqual({
      name: 'add-mask',
      properties: new Map(),
      data: secret,
    });
    expect(result.exitCode).toBe(0);
    expect(result.log).toContain('***');
    expect(result.said).not.toContain(secret);
    const evidence = await readFile(result.outputs.get('evidence') ?? '', 'utf8');
    expect(evidence).not.toContain(secret);
    expect(result.summary).not.toContain(secret);
  });

  test('publishes nothing real from a pull request', async () => {
    const result = await act(await exampleWorkspace('greeter'), {
      event: 'pull_request',
      with: { push: 'true', only: 'greeter' },
    });
    expect(result.log).toContain('embedded');
    expect(result.outputs.get('verdict')).toBe('passed');
  });

  describe('is ended while a test runs', () => {
    const files = {
      Dockerfile: DOCKERFILE,
      'sea-trial.yml': [
        'images:',
        '  - name: ghcr.io/acme/slow',
        '    platforms: [linux/amd64]',
        '    tests: [{ name: waits, run: sleep 600 }]',
        '',
      ].join('\n'),
    };
    const running = (state: ReadonlyMap<string, string>) =>
      state.has('run') && containersOf(state.get('run') ?? '', 'sleep 600').length > 0;

    const env = { RUNNER_DEBUG: '1' };

    test('by a cancelled workflow: it says so and leaves nothing', async () => {
      const place = await workspace(files);
      const result = await act(place, { env, end: { when: running, by: 'SIGINT' } });
      expect(result.exitCode).toBe(130);
      // The debug log has the command that was ended.
      expect(result.log).toMatch(/^::debug::docker start .* # (ended by SIG|exit code [1-9])/m);
      expect(result.outputs.get('verdict')).toBe('interrupted');
      expect(result.post).toEqual({ exitCode: 0, log: '' });
      const evidence = JSON.parse(await readFile(result.outputs.get('evidence') ?? '', 'utf8'));
      expect(containersOf(evidence.run.id)).toEqual([]);
    });

    test('by a kill: post removes what is left', async () => {
      const place = await workspace(files);
      const result = await act(place, { env, end: { when: running, by: 'SIGKILL' } });
      expect(result.exitCode).toBeNull();
      const run = result.state.get('run') ?? '';
      expect(run).toMatch(/^42-/);
      expect(result.post.log).toMatch(/1 container/);
      expect(result.post.log).toMatch(/^::debug::docker .* # exit code 0, /m);
      expect(result.post.exitCode).toBe(0);
      expect(await readdir(result.temporary)).toEqual([]);
      expect(containersOf(run)).toEqual([]);
    });
  });
});

test('action.yml says what the table of inputs says', () => {
  const script = ['--experimental-transform-types', '--no-warnings', 'scripts/docs/generate.ts'];
  const output = execFileSync(process.execPath, [...script, '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(output).toContain('generated files are what src/ and the notes of tests say');
});

test('action.yml says of each input with several items what divides them', async () => {
  const { inputs } = load(await readFile(join(root, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { description: string } | undefined>;
  };
  expect(inputs.tags?.description).toMatch(/ List: commas or lines\.$/);
  expect(inputs.secrets?.description).toMatch(/ List: lines\.$/);
  expect(inputs.set?.description).toMatch(/ Lines of NAME=value\.$/);
  expect(inputs.mode?.description).toMatch(/done\.$/);
});
