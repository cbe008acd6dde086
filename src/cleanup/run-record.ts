import { basename, join } from 'node:path';
import { EngineError, isRunId, RUN_ID } from '../engine/index.js';
import { isObject, type Json, jsonIn } from '../oci/index.js';
import type { Ports, ProcessIdentity } from '../ports/index.js';
import { labelsOf, ORIGIN_FILE, type Origin } from './labels.js';

/*
 * What a run makes and must not outlive it is written down before it is made, a
 * line of JSON each, so that a cleaning after a kill knows what to remove.
 * What has the run's id in its name (containers, images that were loaded, folders)
 * needs no line of its own, and is found without a record.
 */

/** Milliseconds after which what a run left is removed by the next run, and a run whose process cannot be seen counts as ended. */
export const DAY = 24 * 60 * 60 * 1000;

/** What records of runs need of the ports. */
export type RecordPorts = Pick<Ports, 'files' | 'env' | 'clock' | 'processes'>;

/** An image that was not in the engine and is pulled, by its reference. */
export interface MadeImage {
  readonly image: string;
  /** The engine that it is in, as buildx names one, unless it is the run's own. */
  readonly endpoint?: string;
}

/** An image that the run noted and needs no longer. */
interface UnneededImage {
  readonly unneeded: string;
  readonly endpoint?: string;
}

/** Emulators, by the names of their handlers. */
export interface MadeHandlers {
  readonly handlers: readonly string[];
  /** The image that registers and removes them, and the engine's platform that it runs on. */
  readonly installer: string;
  readonly platform: string;
}

/** Handlers that the run uses, its own or not; the last line holds, and an empty list ends the use. */
export interface LeasedHandlers {
  readonly relies: readonly string[];
}

/** Handlers that a process is removing; the last line holds, and an empty list ends it. */
export interface HandlersBeingRemoved {
  readonly removing: readonly string[];
  readonly by: ProcessIdentity;
}

/** Handlers that the run added and need not remove any more: removed, or kept by the user. */
export interface SettledHandlers {
  readonly settled: readonly string[];
}

/** A builder, by its name. */
export interface MadeBuilder {
  readonly builder: string;
  /** Whether its cache outlives it. */
  readonly keepState: boolean;
  /** Where that was asked for. */
  readonly driver?: string;
  /** Names of nodes that buildx has not numbered, and engines beside the run's own. */
  readonly nodes?: readonly string[];
  readonly endpoints?: readonly string[];
  /** What its nodes are started from. */
  readonly images?: readonly string[];
}

/** The engine answered, so that things may have been made in it. */
interface Answered {
  readonly answered: string;
}

export type Made =
  | Answered
  | MadeImage
  | UnneededImage
  | MadeHandlers
  | MadeBuilder
  | LeasedHandlers
  | HandlersBeingRemoved
  | SettledHandlers;

/** The record of a run under way. */
export interface RunRecord {
  readonly run: string;
  readonly origin: Origin;
  /** Of everything that the run makes in an engine. */
  readonly labels: Readonly<Record<string, string>>;
  /** A private folder of the run's own, which a cleaning finds by its name. Rejects with `EngineError`. */
  makeFolder(): Promise<string>;
  /** To be awaited before the thing is made. */
  note(made: Made): Promise<void>;
  /** What is recorded of this run and of all others. */
  all(): Promise<readonly RunLeftovers[]>;
  /** Everything is undone: there is nothing to remember. */
  close(): Promise<void>;
}

interface RunHead extends Origin {
  /** Where the run's folders are. */
  readonly temporary: string;
  /** Which engine: variables of the docker client; none of them is a secret. */
  readonly engine: Readonly<Record<string, string>>;
}

/** What a run that did not tidy up may have left. */
export interface RunLeftovers extends RunHead {
  /** The record; undefined where there is none, and the run is known by what it left. */
  readonly path?: string;
  readonly made: readonly Made[];
}

const ENGINE = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'BUILDX_CONFIG',
] as const;

/** Variables of the environment that say which engine is meant. */
export function engineVariables(env: Ports['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ENGINE.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}

/** An environment whose docker client speaks to the engine that a run used. */
export function towardsEngine(env: Ports['env'], engine: RunHead['engine']): Ports['env'] {
  const others = Object.entries(env).filter(([name]) => !ENGINE.some((one) => one === name));
  return { ...Object.fromEntries(others), ...engine };
}

/**
 * Where this program remembers things between its runs
 * (XDG Base Directory Specification); a user without a home may be a runner's.
 */
export function stateFolder({ XDG_STATE_HOME, HOME, RUNNER_TEMP }: Ports['env']): string {
  const folder = XDG_STATE_HOME || (HOME && join(HOME, '.local', 'state')) || RUNNER_TEMP;
  if (folder) return join(folder, 'sea-trial');
  throw new EngineError(
    'failed',
    'There is no folder for the records of runs; set HOME or XDG_STATE_HOME.',
    '',
  );
}

const recordsFolder = (env: Ports['env']) => join(stateFolder(env), 'runs');

/** Where the folders of runs go, and the variable that says so or may. */
export function temporaryFolder(env: Ports['env']): readonly [folder: string, variable: string] {
  const variable = ['RUNNER_TEMP', 'TMPDIR', 'TEMP'].find((name) => env[name]) ?? 'TMPDIR';
  return [env[variable] || '/tmp', variable];
}

const folderPrefix = (run: string) => `sea-trial-${run}-`;

/** With what mkdtemp(3) adds. */
const FOLDER = new RegExp(`^sea-trial-(${RUN_ID})-\\w{6}$`);

/** The run whose folder has that name; undefined where it is none's. */
export function folderRun(name: string): string | undefined {
  return FOLDER.exec(name)?.[1];
}

/**
 * Begins the record of a run. Rejects with `EngineError` where it cannot be
 * written: a run that could not be cleaned up after a kill must not begin.
 */
export async function openRecord(run: string, ports: RecordPorts): Promise<RunRecord> {
  const { files, env, clock, processes } = ports;
  const [temporary, variable] = temporaryFolder(env);
  const folder = recordsFolder(env);
  const path = join(folder, `${run}.jsonl`);
  const started = clock.now().toISOString();
  const origin: Origin = { run, started, process: await processes.identify() };
  const head: RunHead = { ...origin, temporary, engine: engineVariables(env) };
  const write = async (value: RunHead | Made) => {
    try {
      await files.append(path, `${JSON.stringify(value)}\n`);
    } catch (error) {
      throw new EngineError(
        'failed',
        `The record of a run cannot be written to ${folder} (${(error as Error).message}); fix that, or set XDG_STATE_HOME to another folder.`,
        '',
      );
    }
  };
  await files.makeDirectory(folder).catch(() => {});
  await write(head);
  return {
    run,
    origin,
    labels: labelsOf(origin),
    async makeFolder() {
      try {
        const made = await files.makeTemporary(folderPrefix(run), temporary);
        await files.write(join(made, ORIGIN_FILE), JSON.stringify(origin));
        return made;
      } catch (error) {
        throw new EngineError(
          'failed',
          `The files of a run cannot be stored in ${temporary} (${(error as Error).message}); fix that, or set ${variable} to another folder.`,
          '',
        );
      }
    },
    note: write,
    all: () => readRunRecords(ports),
    close: () => files.remove(path),
  };
}

function parse(line: string): Json | undefined {
  const value = jsonIn(line);
  // A line that a kill cut short is left out: what it speaks of was not made yet.
  return isObject(value) ? value : undefined;
}

function isHead(value: unknown): value is RunHead {
  return (
    isObject(value) &&
    isRunId(value.run) &&
    ['started', 'temporary'].every((key) => typeof value[key] === 'string') &&
    isObject(value.process) &&
    isObject(value.engine)
  );
}

function isMade(value: Json | undefined): boolean {
  const { answered, image, unneeded, builder, handlers, relies, removing, settled } = value ?? {};
  const texts = [answered, image, unneeded, builder];
  const lists = [handlers, relies, removing, settled];
  return texts.some((text) => typeof text === 'string') || lists.some(Array.isArray);
}

/** Reads a record; undefined where it is none, or a kill came before its first line was whole. */
export function readRecord(path: string, text: string): RunLeftovers | undefined {
  const [head, ...made] = text.split('\n').map(parse);
  const name = basename(path, '.jsonl');
  if (!isHead(head) || head.run !== name) return undefined;
  return { ...head, path, made: made.filter(isMade) as unknown as readonly Made[] };
}

/** The records of all runs that have not tidied up after themselves, those under way among them. */
export async function readRunRecords(
  ports: Pick<Ports, 'files' | 'env'>,
): Promise<readonly RunLeftovers[]> {
  const { files, env } = ports;
  const folder = recordsFolder(env);
  if ((await files.look(folder)) === undefined) return [];
  const names = (await files.list(folder)).filter((name) => name.endsWith('.jsonl'));
  const read = names.map(async (name) => {
    const path = join(folder, name);
    const text = await files.read(path).catch(() => undefined);
    return text === undefined ? undefined : readRecord(path, text.toString('utf8'));
  });
  return (await Promise.all(read)).filter((remains) => remains !== undefined);
}

/** Adds a line to the record of a run that left one. */
export async function noteIn(
  { path }: RunLeftovers,
  made: Made,
  { files }: Pick<Ports, 'files'>,
): Promise<void> {
  if (path !== undefined) await files.append(path, `${JSON.stringify(made)}\n`);
}

/** The record of one run, if it has left one. */
export async function recordOf(
  run: string,
  ports: Pick<Ports, 'files' | 'env'>,
): Promise<RunLeftovers | undefined> {
  return (await readRunRecords(ports)).find((remains) => remains.run === run);
}

/** The folders that a run made and that are still there. */
export async function foldersOf(
  { run, temporary }: RunHead,
  files: Ports['files'],
): Promise<readonly string[]> {
  const names = await files.list(temporary).catch(() => []);
  return names.filter((name) => folderRun(name) === run).map((name) => join(temporary, name));
}
