import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { load } from 'js-yaml';
import { type Command, commandsIn, readFileCommand } from './commands.js';

/*
 * Runs the action as GitHub's runner does: action.yml's defaults, INPUT_*, the
 * GITHUB_* files, `main`, and then `post` whatever became of `main`.
 */

export const root = join(import.meta.dirname, '..', '..');

/** `using: node24`, whatever runs the tests. */
export const NODE = join(root, 'node_modules', 'node', 'bin', 'node');

/** dist/, or a bundle that was made elsewhere to be tried. */
export const DIST = process.env.SEA_TRIAL_DIST ?? join(root, 'dist');

/** A step's summary that is larger than this is dropped. */
const SUMMARY_LIMIT = 1024 * 1024;

/** Annotations of one kind that are shown for a step. */
const ANNOTATIONS = 10;

export interface Asked {
  /** The checkout: GITHUB_WORKSPACE and the working directory. */
  readonly workspace: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** GITHUB_EVENT_NAME; `push` unless given. */
  readonly event?: string;
  /** Ends `main` by this signal as soon as what it has saved so far is answered with true. */
  readonly end?: {
    readonly when: (state: ReadonlyMap<string, string>) => boolean;
    readonly by: NodeJS.Signals;
  };
}

interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly title?: string;
}

interface Part {
  readonly exitCode: number | null;
  /** What the log shows: both outputs, with masked values hidden. */
  readonly log: string;
}

export interface Result extends Part {
  /** Both outputs of `main` as they came, without the commands that hide values. */
  readonly said: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** Every command that the runner obeyed, in their order. */
  readonly commands: readonly Command[];
  readonly state: ReadonlyMap<string, string>;
  readonly environment: ReadonlyMap<string, string>;
  readonly post: Part;
  /** Inputs that action.yml does not know: the runner warns and passes them on. */
  readonly unexpected: readonly string[];
  /** RUNNER_TEMP, which the runner empties when the job is over. */
  readonly temporary: string;
  /** Removes what the runner itself would remove. */
  clean(): Promise<void>;
}

interface Manifest {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly using: string; readonly main: string; readonly post: string };
}

async function manifest(): Promise<Manifest> {
  return load(await readFile(join(root, 'action.yml'), 'utf8')) as Manifest;
}

/** What the runner makes of an expression in a default; it has only these here. */
function evaluate(text: string): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    if (expression === 'github.token') return 'ghs_0123456789abcdef';
    throw new Error(`action.yml has a default that the harness cannot evaluate: ${expression}`);
  });
}

function inputs({ inputs: known }: Manifest, given: Readonly<Record<string, string>>) {
  const defaults = Object.entries(known).map(([name, input]) => [
    name,
    evaluate(input.default ?? ''),
  ]);
  const all: Record<string, string> = { ...Object.fromEntries(defaults), ...given };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );
}

const FILES = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'] as const;

/** Empty files for one part of a step, by the variables that name them. */
async function commandFiles(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const files = FILES.map((name) => [`GITHUB_${name}`, join(folder, name.toLowerCase())] as const);
  for (const [, path] of files) await writeFile(path, '');
  return Object.fromEntries(files);
}

function surroundings(asked: Asked, temporary: string): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|DOCKER_|BUILDX_|XDG_|SEA_TRIAL_)/.test(name),
  );
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_PATH: root,
    GITHUB_WORKSPACE: asked.workspace,
    GITHUB_EVENT_NAME: asked.event ?? 'push',
    GITHUB_REPOSITORY: 'acme/greeter',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '1',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: temporary,
    XDG_STATE_HOME: join(temporary, '..', 'state'),
    ACTIONS_RUNTIME_TOKEN: 'a-token-for-the-runtime-alone',
    ...asked.env,
  };
}

interface Door {
  readonly script: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly end?: Asked['end'];
}

/** Looks at what a running `main` has saved, and ends it when it is time. */
function watch(child: ChildProcess, { env, end }: Door): NodeJS.Timeout | undefined {
  if (end === undefined) return undefined;
  const watching = setInterval(() => {
    const state = readFileCommand(readFileSync(env.GITHUB_STATE ?? '', 'utf8'));
    if (!end.when(state)) return;
    clearInterval(watching);
    child.kill(end.by);
  }, 100);
  return watching;
}

/** Runs one door of the action and answers what came out of both its outputs, as it came. */
function open(door: Door): Promise<{ code: number | null; output: string }> {
  const { script, cwd, env } = door;
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [join(DIST, basename(script))], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const watching = watch(child, door);
    let output = '';
    const read = (chunk: string) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(watching);
      resolve({ code, output });
    });
  });
}

function masked(output: string, commands: readonly Command[]): string {
  const masks = commands.filter(({ name, data }) => name === 'add-mask' && data !== '');
  const shown = output.replace(/^::add-mask::.*$/gm, '');
  return masks.reduce((text, { data }) => text.replaceAll(data, '***'), shown);
}

function annotationsOf(commands: readonly Command[]): readonly Annotation[] {
  const kinds = ['error', 'warning', 'notice'] as const;
  return kinds.flatMap((kind) =>
    commands
      .filter(({ name }) => name === kind)
      .slice(0, ANNOTATIONS)
      .map(({ data, properties }) => {
        const [file, line, title] = ['file', 'line', 'title'].map((key) => properties.get(key));
        return {
          kind,
          message: data,
          ...(file === undefined ? {} : { file }),
          ...(line === undefined ? {} : { line: Number(line) }),
          ...(title === undefined ? {} : { title }),
        };
      }),
  );
}

async function content(files: Readonly<Record<string, string>>, name: (typeof FILES)[number]) {
  return readFile(files[`GITHUB_${name}`] ?? '', 'utf8');
}

/** Runs `main` and then `post`; the caller calls `clean` when it has looked at everything. */
export async function runAction(asked: Asked): Promise<Result> {
  const action = await manifest();
  if (action.runs.using !== 'node24') throw new Error(`action.yml asks for ${action.runs.using}`);
  const folder = await mkdtemp(join(tmpdir(), 'sea-trial-runner-'));
  const temporary = join(folder, 'temp');
  await mkdir(temporary);
  const base = { ...surroundings(asked, temporary), ...inputs(action, asked.with ?? {}) };
  const files = await commandFiles(join(folder, 'main'));
  const door = { cwd: asked.workspace, ...(asked.end === undefined ? {} : { end: asked.end }) };
  const main = await open({ ...door, script: action.runs.main, env: { ...base, ...files } });

  const state = readFileCommand(await content(files, 'STATE'));
  const saved = Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value]));
  const after = await commandFiles(join(folder, 'post'));
  const env = { ...base, ...after, ...saved };
  const post = await open({ script: action.runs.post, cwd: asked.workspace, env });

  const commands = commandsIn(main.output);
  const summary = await content(files, 'STEP_SUMMARY');
  return {
    exitCode: main.code,
    log: masked(main.output, commands),
    said: main.output.replace(/^::add-mask::.*$/gm, ''),
    outputs: readFileCommand(await content(files, 'OUTPUT')),
    summary: Buffer.byteLength(summary) > SUMMARY_LIMIT ? '' : summary,
    annotations: annotationsOf(commands),
    commands,
    state,
    environment: readFileCommand(await content(files, 'ENV')),
    post: { exitCode: post.code, log: masked(post.output, commands) },
    unexpected: Object.keys(asked.with ?? {}).filter((name) => !(name in action.inputs)),
    temporary,
    clean: () => rm(folder, { recursive: true, force: true }),
  };
}
