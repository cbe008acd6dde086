// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { shellWord } from '../../src/report/format.js';
import { type Result, runAction } from '../e2e/harness.js';
import { workspace } from '../e2e/workspace.js';
import { faulty } from './faulty.js';
import {
  afterwards,
  buildxPlugin,
  distribution,
  environment,
  project,
  runIn,
  tagsAt,
} from './rig.js';

/*
 * One run with a build secret, a registry that asks for a password and a job's
 * own tokens, with a debug log, in which every program that is started writes down how.
 */

const random = () => randomBytes(12).toString('hex');
const SECRET = `secret-${random()}`;
const PASSWORD = `password-${random()}`;
const RUNTIME = `runtime-${random()}`;
const OTHER = `other-${random()}`;
const LOGIN = Buffer.from(`acme:${PASSWORD}`).toString('base64');

/** A child as it was started. */
interface Child {
  readonly program: string;
  /** The process that started it. */
  readonly parent: string;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
}

const REAL = (name: string) =>
  execFileSync('/bin/sh', ['-c', `command -v ${name}`], {
    env: environment as NodeJS.ProcessEnv,
    encoding: 'utf8',
  }).trim();

/** Programs that stand before the real ones on PATH and write down how they were started. */
async function recorders(folder: string): Promise<string> {
  const [bin, records] = [join(folder, 'bin'), join(folder, 'records')];
  await Promise.all([mkdir(bin), mkdir(records)]);
  const put = async (name: string, then: string) => {
    const record = `{ printf '%s\\0' ${name} $PPID "$@"; printf '\\0'; env -0; } > "${records}/${name}.$$"`;
    await writeFile(join(bin, name), `#!/bin/sh\n${record}\n${then}\n`);
    await chmod(join(bin, name), 0o755);
  };
  for (const name of ['docker', 'git']) await put(name, `exec ${REAL(name)} "$@"`);
  await put('docker-buildx', `exec ${await buildxPlugin()} "$@"`);
  // The client looks for its plugins in the user's folder first.
  const plugins = join(folder, 'docker', 'cli-plugins');
  await mkdir(plugins);
  await rename(join(bin, 'docker-buildx'), join(plugins, 'docker-buildx'));
  const answer = JSON.stringify({ ServerURL: '', Username: 'acme', Secret: PASSWORD });
  await put('docker-credential-recorded', `cat > /dev/null; echo '${answer}'`);
  await put('asks-the-host', 'true');
  return bin;
}

async function childrenIn(folder: string): Promise<readonly Child[]> {
  const names = await readdir(join(folder, 'records'));
  const texts = names.map((name) => readFile(join(folder, 'records', name), 'utf8'));
  return (await Promise.all(texts)).map((text) => {
    const [head = '', ...rest] = text.split('\0\0');
    const [program = '', parent = '', ...argv] = head.split('\0');
    const pairs = rest
      .join('\0\0')
      .split('\0')
      .filter((pair) => pair.includes('='));
    const at = (pair: string) => pair.indexOf('=');
    const env = new Map(pairs.map((pair) => [pair.slice(0, at(pair)), pair.slice(at(pair) + 1)]));
    return { program, parent, argv, env };
  });
}

/** A registry that wants to know who asks. */
async function guarded(): Promise<{ readonly host: string; readonly behind: string }> {
  const behind = await distribution();
  const host = await faulty(behind, (asked, answer, forward) => {
    if (asked.headers.authorization === `Basic ${LOGIN}`) return forward();
    asked.resume();
    answer.writeHead(401, { 'www-authenticate': 'Basic realm="acme"' }).end();
  });
  return { host, behind };
}

const configuration = (host: string) => `
images:
  - name: ${host}/acme/quiet
    tags: [1]
    platforms: [linux/amd64]
    build:
      context: .
      secrets: [word]
      cache_from: [type=gha]
    tests:
      - { name: runs, run: "true" }
      - { name: asks the host, on: host, run: asks-the-host }
  - name: ${host}/acme/other
    tags: [1]
    platforms: [linux/amd64]
    build: { context: ., dockerfile: Other.Dockerfile }
    tests: [{ name: runs, run: "true" }]
`;

let result: Result;
let children: readonly Child[];
let registry: Awaited<ReturnType<typeof guarded>>;

beforeAll(async () => {
  registry = await guarded();
  const folder = await project({
    'docker/config.json': JSON.stringify({ credHelpers: { [registry.host]: 'recorded' } }),
  });
  const bin = await recorders(folder);
  const place = await workspace({
    // Cached, the step would not ask for the secret.
    Dockerfile: `FROM busybox:1.37\nRUN --mount=type=secret,id=word cat /run/secrets/word; test "$(cat /run/secrets/word)" = "${SECRET.slice(0, 4)}$(tail -c +5 /run/secrets/word)" # ${random()}\nCMD ["true"]\n`,
    'Other.Dockerfile': 'FROM busybox:1.37\nCMD ["true"]\n',
    'sea-trial.yml': configuration(registry.host),
  });
  afterwards(place.remove);
  result = await runAction({
    workspace: place.path,
    with: { secrets: `word=${SECRET}`, push: 'true' },
    env: {
      PATH: `${bin}:${environment.PATH}`,
      DOCKER_CONFIG: join(folder, 'docker'),
      RUNNER_DEBUG: '1',
      ACTIONS_RUNTIME_TOKEN: RUNTIME,
      ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/',
      ACTIONS_CACHE_SERVICE_V2: 'true',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: OTHER,
      GITHUB_TOKEN: OTHER,
      DOCKER_PASSWORD: OTHER,
      NPM_TOKEN: OTHER,
    },
  });
  afterwards(result.clean);
  children = await childrenIn(folder);
}, 120_000);

const isBuild = ({ program, argv: [first] }: Child) =>
  program === 'docker-buildx' && first === 'build';

describe('a run with secrets', () => {
  test('does its work, and every kind of child was seen', async () => {
    expect(result.log).toContain('published and verified');
    expect(result.exitCode).toBe(0);
    expect(await tagsAt(registry.behind, 'acme/quiet')).toEqual(['1']);
    expect(new Set(children.map(({ program }) => program))).toEqual(
      new Set(['docker', 'docker-buildx', 'git', 'docker-credential-recorded', 'asks-the-host']),
    );
    expect(children.filter(isBuild)).toHaveLength(2);
  });

  test('shows no child an argument that is a secret', () => {
    const words = children.flatMap(({ argv }) => argv).join('\n');
    for (const value of [SECRET, PASSWORD, LOGIN, RUNTIME, OTHER])
      expect(words).not.toContain(value);
  });

  test('shows no child a variable that it does not need', () => {
    const us = children.find(isBuild)?.parent;
    const ofTheCache = ['ACTIONS_CACHE_SERVICE_V2', 'ACTIONS_RESULTS_URL', 'ACTIONS_RUNTIME_TOKEN'];
    for (const child of children) {
      const names = [...child.env.keys()].filter((name) =>
        /^(ACTIONS|GITHUB|INPUT|STATE|RUNNER|CI|NODE|NPM)(_|$)|TOKEN|PASSWORD/.test(name),
      );
      const values = [...child.env.values()];
      expect(values).not.toContain(OTHER);
      // What the docker client and buildx start by themselves sees what they see.
      const foreign = child.parent !== us && child.program !== 'asks-the-host';
      const byClients = ['docker-buildx', 'docker-credential-recorded', 'git'];
      if (foreign) expect(byClients).toContain(child.program);
      else {
        const asks = isBuild(child) && child.argv.includes('--cache-from=type=gha');
        expect([child.argv, names.sort()]).toEqual([child.argv, asks ? ofTheCache : []]);
        expect([values.includes(SECRET), values.includes(RUNTIME)]).toEqual([asks, asks]);
      }
    }
  });

  test('tells of each command in the debug log, with its exit code and its time', () => {
    const us = children.find(isBuild)?.parent;
    const started = children
      .filter(({ parent, program }) => parent === us && program !== 'asks-the-host')
      .map(({ program, argv }) => [program, ...argv].map(shellWord).join(' '));
    const told = result.commands
      .flatMap(({ name, data }) => (name === 'debug' ? [data] : []))
      .filter((line) => !line.includes(' # still running after '));
    for (const line of told) expect(line).toMatch(/ # exit code \d+, \d+ ms$| # exit code \d+, \d/);
    const lines = told.map((line) => /^(?:\(cd \S+ && )?(?:\/\S*\/)?(.*?)\)? # /.exec(line)?.[1]);
    const [onHost, others] = [true, false].map((is) =>
      lines.filter((line) => line?.includes('asks-the-host') === is),
    );
    expect(onHost).toHaveLength(1);
    expect(others?.sort()).toEqual(started.sort());
  });

  test('leaves none of them in evidence, summary, outputs and log', async () => {
    const evidence = await readFile(result.outputs.get('evidence') ?? '', 'utf8');
    const outputs = [...result.outputs.values()].join('\n');
    const told = [evidence, result.summary, outputs, result.said, result.post.log].join('\n');
    for (const value of [SECRET, PASSWORD, LOGIN, RUNTIME, OTHER])
      expect(told).not.toContain(value);
    expect(result.commands.filter(({ name }) => name === 'add-mask')).toContainEqual(
      expect.objectContaining({ data: SECRET }),
    );
    const left = await readdir(result.temporary, { recursive: true, withFileTypes: true });
    for (const entry of left.filter((one) => one.isFile())) {
      expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain(SECRET);
    }
  });
});

describe('a run whose steps and tests print its secrets', () => {
  const lines = [random(), `  ${random()}`, 'short', random()];
  const value = `value-${random()}`;
  const variable = `variable-${random()}`;
  const all = [value, variable, ...lines.filter((line) => line !== 'short')].map((one) =>
    one.trim(),
  );

  // Cut in two, with something else said between.
  const halves =
    'head -c 9 /run/secrets/v; sleep 0.5; echo meanwhile >&2; tail -c +10 /run/secrets/v; echo';
  const mounts = ['v', 'w', 'f'].map((id) => `--mount=type=secret,id=${id}`).join(' ');
  const dockerfile = [
    'FROM busybox:1.37',
    `RUN ${mounts} cd /run/secrets; cat v w f | tee /leak; ${halves} # ${random()}`,
  ].join('\n');
  const tests = [
    "{ name: prints, run: 'cat /leak; cat /leak >&2; exit 3', stdout: '^PATTERN' }",
    '{ name: loud, run: \'cat /leak; head -c 70000 /dev/zero | tr "\\0" x; cat /leak\', exit-code: 1 }',
    '{ name: on the host, on: host, run: \'printf %s "$WORD"; exit 4\', env: { WORD: "${WORD}" } }',
  ];
  const images = (v: string) => [
    'images:',
    '  - name: ghcr.io/acme/leaky',
    '    platforms: [linux/amd64]',
    `    build: { context: ., secrets: [${v}, { id: w, env: WORD }, { id: f, file: f }] }`,
    `    tests: [${tests.join(', ').replace('PATTERN', value)}]`,
    '  - name: ghcr.io/acme/failing',
    '    platforms: [linux/amd64]',
    `    build: { context: ., dockerfile: Failing, secrets: [${v}] }`,
  ];
  const files = (v: string) => ({
    Dockerfile: dockerfile,
    Failing: `FROM busybox:1.37\nRUN --mount=type=secret,id=v ${halves}; exit 5 # ${random()}\n`,
    f: lines.join('\n'),
    'sea-trial.yml': images(v).join('\n'),
  });

  /** The secrets that are in a text, and that the text speaks of them at all. */
  const shown = (text: string) => [all.filter((one) => text.includes(one)), text.includes('***')];

  test('shows none of them on a command line', async () => {
    const folder = await project(files('{ id: v, env: VALUE }'));
    const run = await runIn(folder, ['--grant', 'secrets'], {
      env: { WORD: variable, VALUE: value },
    });
    expect([run.code, run.code === 2 ? run.stderr : '']).toEqual([1, '']);
    expect(shown(run.stdout + run.stderr)).toEqual([[], true]);
    const { trials, findings } = run.evidence ?? {};
    expect(shown(JSON.stringify(run.evidence))).toEqual([[], true]);
    expect(shown(JSON.stringify(findings))).toEqual([[], true]);
    expect(findings?.map(({ code, subject }) => [code, subject.test])).toEqual([
      ['test-failed', 'prints'],
      ['test-failed', 'loud'],
      ['test-failed', 'on the host'],
      ['build-failed', undefined],
    ]);
    const [prints, loud] = trials?.[0]?.tests ?? [];
    // The pattern has seen the real output.
    expect(prints?.checks).toMatchObject([{ what: 'stdout', ok: true }]);
    expect(prints?.stdout.text).toMatch(/^\*{3}\S*/);
    expect(loud?.stdout.truncated).toBe(true);
  });

  test('shows none of them in a workflow', async () => {
    const place = await workspace(files('v'));
    afterwards(place.remove);
    const leaking = await runAction({
      workspace: place.path,
      with: { secrets: `v=${value}`, grants: 'secrets' },
      env: { WORD: variable },
    });
    afterwards(leaking.clean);
    expect(leaking.exitCode).toBe(1);
    const evidence = await readFile(leaking.outputs.get('evidence') ?? '', 'utf8');
    for (const text of [evidence, leaking.summary, leaking.said]) {
      expect(shown(text)).toEqual([[], true]);
    }
  });
});
