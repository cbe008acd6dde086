import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import { noteFaults } from './fault-table.js';
import './needs-root.js';
import { unique } from './image-project.js';
import {
  afterwards,
  command,
  freshBuilder,
  project,
  ROOT,
  type Run,
  type StartedRun,
  startRun,
} from './rig.js';

/*
 * Images that are in an engine while they are tried: those of two runs at once,
 * those that the user has, and those that are to stay.
 */

const ID = /^sha256:[0-9a-f]{64}$/;

type Env = Readonly<Record<string, string>>;

const docker = (env: Env, ...args: string[]) => command('docker', args, env);

/** The names of an image in the engine; undefined where it is not there. */
async function namesOf(env: Env, image: string): Promise<readonly string[] | undefined> {
  const asked = docker(env, 'image', 'inspect', '--format', '{{json .RepoTags}}', image);
  const text = await asked.catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** A run whose only test waits for a file and then starts the image, by its id, once more. */
async function waiting(dockerfile: string, env: Env) {
  const folder = await project({ Dockerfile: dockerfile });
  const flag = join(folder, '.go');
  const test = [
    `echo $SEA_TRIAL_IMAGE > ${flag}.image`,
    `until [ -e ${flag} ]; do sleep 0.1; done`,
    'echo $SEA_TRIAL_IMAGE; docker run --rm $SEA_TRIAL_IMAGE true',
  ];
  await fs.writeFile(
    join(folder, 'sea-trial.yml'),
    `images: [{ name: acme.test/held, platforms: [linux/amd64], tests: [{ name: waits, on: host, run: '${test.join('; ')}', timeout: 90s }] }]`,
  );
  // Built twice it is the same image.
  const started = startRun(folder, [], { env: { ...env, SOURCE_DATE_EPOCH: '1700000000' } });
  await Promise.race([watched(`${flag}.image`), early(started)]);
  return {
    image: (await fs.readFile(`${flag}.image`, 'utf8')).trim(),
    async end(): Promise<Run> {
      await fs.writeFile(flag, '');
      return started.ended;
    },
  };
}

async function watched(file: string): Promise<void> {
  const text = () => fs.readFile(file, 'utf8').catch(() => '');
  while (!(await text()).endsWith('\n')) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function early({ ended }: StartedRun): Promise<never> {
  const { stdout, stderr } = await ended;
  throw new Error(`the run ended before its test had begun: ${stdout}${stderr}`);
}

function seen(run: Run) {
  if (run.code !== 0) return run.stdout + run.stderr;
  return {
    code: run.code,
    findings: run.evidence?.findings,
    output: run.evidence?.trials[0]?.tests[0]?.stdout.text,
  };
}

describe.each(['containerd', 'classic'])('on the %s store', (store) => {
  let env: Env = {};
  beforeAll(async () => {
    if (store === 'containerd') return;
    const script = join(ROOT, 'scripts', 'rig', 'classic-engine.sh');
    const engine = { DOCKER_HOST: (await command('bash', [script, 'start'])).trim() };
    // This store needs a builder; one for all runs instead of one for each.
    const builder = `held-${randomBytes(4).toString('hex')}`;
    await freshBuilder(builder, engine);
    env = { ...engine, BUILDX_BUILDER: builder };
  }, 120_000);

  test.each([
    ['first', [0, 1]],
    ['last', [1, 0]],
  ] as const)(
    'two runs share an image, and the one that loaded it ends %s',
    async (_, [one, other]) => {
      const dockerfile = `FROM busybox:1.37\n${unique()}\n`;
      const runs = [await waiting(dockerfile, env), await waiting(dockerfile, env)] as const;
      const { image } = runs[0];
      const first = await runs[one].end();
      expect(await namesOf(env, image)).toHaveLength(1);
      const last = await runs[other].end();
      for (const run of [first, last]) {
        expect(seen(run)).toEqual({ code: 0, findings: [], output: `${image}\n` });
      }
      expect(image).toMatch(ID);
      expect(await namesOf(env, image)).toBeUndefined();
    },
    120_000,
  );

  test.each([
    ['dangling', []],
    ['with a name', [`acme.test/mine:${randomBytes(4).toString('hex')}`]],
  ])(
    'an image that the user has %s stays as it is',
    async (_, names) => {
      const dockerfile = `FROM busybox:1.37\n${unique()}\n`;
      const first = await waiting(dockerfile, env);
      const { image } = first;
      // The same bytes, as a user's.
      const folder = await project({});
      const archive = join(folder, 'image.tar');
      const name = names[0] ?? 'acme.test/for-a-moment:1';
      await docker(env, 'tag', image, name);
      await docker(env, 'save', '-o', archive, names.length === 0 ? image : name);
      if (names.length === 0) await docker(env, 'rmi', name);
      await first.end();
      if (names.length === 0) await docker(env, 'load', '-i', archive);
      afterwards(() => docker(env, 'rmi', '--force', image));
      const before = await namesOf(env, image);
      const run = await (await waiting(dockerfile, env)).end();
      expect(seen(run)).toEqual({ code: 0, findings: [], output: `${image}\n` });
      expect(before).toEqual(names);
      expect(await namesOf(env, image)).toEqual(names);
    },
    120_000,
  );

  test('with load, images that passed stay under their names, and those that failed do not', async () => {
    const mark = randomBytes(4).toString('hex');
    const workspace = await project({
      Dockerfile: `FROM busybox:1.37\n${unique()}\n`,
      'sea-trial.yml': [
        'images:',
        `  - name: acme.test/both-${mark}`,
        '    tags: [a, b]',
        '    platforms: [linux/amd64, linux/arm64]',
        '    tests: [{ run: "true" }]',
        `  - name: acme.test/one-${mark}`,
        '    platforms: [linux/arm64]',
        '    build: { labels: { other: image } }',
        '    tests: [{ run: "true" }]',
        `  - name: acme.test/half-${mark}`,
        '    platforms: [linux/amd64, linux/arm64]',
        '    build: { labels: { third: image } }',
        '    tests: [{ run: "uname -m", stdout: aarch64 }]',
      ].join('\n'),
    });
    const result = await runAction({ workspace, with: { load: 'true' }, env });
    await result.clean();
    const listed = await docker(env, 'images', '--format', '{{.Repository}}:{{.Tag}}');
    const kept = listed
      .split('\n')
      .filter((name) => name.includes(mark))
      .sort();
    afterwards(() => docker(env, 'rmi', '--force', ...kept));
    expect([result.exitCode, kept]).toEqual([
      1,
      [
        `acme.test/both-${mark}:a`,
        `acme.test/both-${mark}:a-linux-arm64`,
        `acme.test/both-${mark}:b`,
        `acme.test/both-${mark}:b-linux-arm64`,
        `acme.test/half-${mark}:latest-linux-arm64`,
        `acme.test/one-${mark}:latest`,
      ],
    ]);
    for (const name of kept)
      expect(result.summary).toContain(`in the engine: <code>${name}</code>`);
    const machine = (name: string) => docker(env, 'run', '--rm', name, 'uname', '-m');
    expect(await machine(`acme.test/both-${mark}:a`)).toBe('x86_64\n');
    expect(await machine(`acme.test/one-${mark}:latest`)).toBe('aarch64\n');

    // The command line does the same, and keeps on request what failed.
    const half = `acme.test/half-${mark}:latest`;
    const asked = ['--load=always', '--only', `half-${mark}`];
    const always = await startRun(workspace, asked, { env }).ended;
    afterwards(() => docker(env, 'rmi', '--force', half));
    expect(always.code).toBe(1);
    const names = always.evidence?.trials.map((trial) => trial.loaded?.names);
    expect(names).toEqual([[half], [`${half}-linux-arm64`]]);
    expect(always.stdout).toContain(`in the engine: ${half}   linux/amd64, not passed`);
    expect(await machine(half)).toBe('x86_64\n');

    // load: true takes no name from others in an untrusted run; this one its own repository gave.
    const one = `acme.test/one-${mark}:latest`;
    const untrusted = async () => {
      const asked = { load: 'true', only: `one-${mark}` };
      const run = await runAction({ workspace, with: asked, event: 'pull_request', env });
      const text = await fs.readFile(run.outputs.get('evidence') ?? '', 'utf8');
      await run.clean();
      const { findings }: NonNullable<Run['evidence']> = JSON.parse(text);
      return { exit: run.exitCode, said: findings.map(({ message }) => message) };
    };
    expect(await untrusted()).toEqual({ exit: 0, said: [] });
    await docker(env, 'tag', `acme.test/both-${mark}:a`, one);
    const { exit, said } = await untrusted();
    expect(await machine(one)).toBe('x86_64\n');
    const message = (said[0] ?? '').replace(one, 'NAME');
    const fault = 'a name that load: true would take from others in an untrusted run';
    expect([exit, message]).toEqual([
      3,
      expect.stringContaining('The engine already holds NAME, which no run'),
    ]);
    // One line for both stores.
    if (store === 'classic') return;
    noteFaults([{ fault, stage: 'environment', exit, message, left: [] }]);
  }, 240_000);
});
