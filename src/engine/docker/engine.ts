import type { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { type CommandOutput, childEnvironment, lines } from '../../ports/index.js';
import { quotedField } from '../../reference/index.js';
import { defined } from '../../types/index.js';
import type { ContainerSpec, ContainerState, Engine } from '../engine.js';
import { engineError, notStarted, silent, unread } from '../errors.js';
import { listRecords, makeRecord, readRecords, recordVolume } from '../load-records.js';
import { containerNames, containerOptions } from '../run-name.js';
import { together } from '../together.js';
import type { ClientPorts } from './client.js';
import { readInfo } from './info.js';

/** Milliseconds within which an engine answers `docker info`, wherever it is. */
const PATIENCE = 60_000;

/**
 * Images that are removed at once, a client each: one client for several takes them
 * one after another, and the containerd store sweeps all it holds after each. What
 * is removed at once shares a sweep.
 */
const REMOVALS = 8;

/** Options that every container of a test gets, whatever it runs. */
const CONTAINER = [
  '--pull=never',
  '--security-opt=no-new-privileges',
  '--pids-limit=4096',
  // An emulator that cannot write a core file reports nothing of a crashed program.
  '--ulimit=core=0:0',
  // The attached client gets every byte; a log on the engine's disk would be a second copy.
  '--log-driver=none',
  // Where memory ends, a test goes before what else runs on the machine, the engine included.
  '--oom-score-adj=1000',
];

function assignments(flag: string, table: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(table).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}

/** docker parses a mount as a line of CSV. */
function mountArgument({ source, target }: { source: string; target: string }): string {
  return `--mount=type=bind,${quotedField(`source=${source}`)},target=${target},readonly`;
}

function volumeArgument({
  source,
  target,
  writable,
}: NonNullable<ContainerSpec['volumes']>[number]): string {
  const type = source.startsWith('/') ? 'bind' : 'volume';
  const access = writable ? '' : ',readonly';
  return `--mount=type=${type},${quotedField(`source=${source}`)},target=${target}${access}`;
}

function createArguments(spec: ContainerSpec): readonly string[] {
  return [
    'create',
    ...CONTAINER,
    `--platform=${spec.platform}`,
    ...containerOptions(spec.labels),
    ...(spec.envFile === undefined ? [] : [`--env-file=${spec.envFile}`]),
    ...assignments('--env', spec.env),
    ...(spec.entrypoint === undefined ? [] : [`--entrypoint=${spec.entrypoint}`]),
    ...(spec.user === undefined ? [] : [`--user=${spec.user}`]),
    ...(spec.workdir === undefined ? [] : [`--workdir=${spec.workdir}`]),
    ...(spec.network === undefined ? [] : [`--network=${spec.network}`]),
    ...(spec.mounts ?? []).map(mountArgument),
    ...(spec.volumes ?? []).map(volumeArgument),
    spec.image,
    ...spec.arguments,
  ];
}

/** The client's error message, also where it was ended before it wrote one. */
function saidBy({ stdout, stderr, signal }: CommandOutput): string {
  return stderr || stdout || (signal === null ? '' : `it did not answer before ${signal} came`);
}

function readState(json: string): ContainerState {
  const state = JSON.parse(json) as {
    Running?: boolean;
    ExitCode?: number;
    OOMKilled?: boolean;
    Error?: string;
  };
  return {
    running: state.Running ?? false,
    exitCode: state.ExitCode ?? -1,
    outOfMemory: state.OOMKilled ?? false,
    error: state.Error ?? '',
  };
}

/**
 * The Docker engine through its command line, which is the stable contract. The signal
 * ends questions. Commands that create or remove something run to their end in spite
 * of it: if their client were cut off, it would be left to chance whether the thing
 * exists afterwards.
 */
export function dockerEngine(
  ports: ClientPorts,
  signal?: AbortSignal,
  patience = PATIENCE,
): Engine {
  const env = childEnvironment(ports.env);
  const removals = pLimit(REMOVALS);

  const command = (args: readonly string[], input?: Readable) => ({
    file: 'docker',
    args,
    env,
    ...defined({ input }),
  });

  async function attempt(args: readonly string[], input?: Readable, stop?: AbortSignal) {
    const asked = { ...command(args, input), ...defined({ signal: stop }) };
    const output: CommandOutput = await ports.exec.run(asked);
    if (output.notStarted !== undefined) throw notStarted(output.notStarted);
    return output;
  }

  function answerOf(doing: string, output: CommandOutput): string {
    if (output.inputFailed !== undefined) throw unread(doing, output.inputFailed);
    if (output.code !== 0) throw engineError(doing, saidBy(output));
    return output.stdout.trim();
  }

  async function ask(doing: string, args: readonly string[], input?: Readable): Promise<string> {
    return answerOf(doing, await attempt(args, input, signal));
  }

  /** A field of an image; undefined where there is no such image. */
  async function lookAt(image: string, format: string): Promise<string | undefined> {
    const asked = ['image', 'inspect', '--format', format, image];
    const output = await attempt(asked, undefined, signal);
    if (output.code === 0) return output.stdout.trim();
    if (/no such image/i.test(output.stderr)) return undefined;
    throw engineError('look for an image', output.stderr);
  }

  /** Removes something; it ignores the signal, since an interrupted run removes what it made. */
  async function remove(doing: string, args: readonly string[], gone: RegExp): Promise<void> {
    const output = await attempt(args);
    if (output.code !== 0 && !gone.test(output.stderr)) throw engineError(doing, saidBy(output));
  }

  /**
   * The containerd store may drop a layer's unpacked form together with another
   * image that is removed in that moment; asked again it unpacks it once more.
   */
  async function created(spec: ContainerSpec): Promise<CommandOutput> {
    const output = await attempt(createArguments(spec));
    const isGone = output.code !== 0 && /parent snapshot \S+ does not exist/i.test(output.stderr);
    return isGone ? attempt(createArguments(spec)) : output;
  }

  async function states(containers: readonly string[]): Promise<readonly ContainerState[]> {
    const format = ['--format', '{{json .State}}'];
    const said = await ask('inspect a container', [
      ...['container', 'inspect', ...format],
      ...containers,
    ]);
    return said.split('\n').map(readState);
  }

  async function removed(containers: readonly string[]): Promise<readonly undefined[]> {
    const [doing, args] = ['remove a container', ['rm', '--force', '--volumes', ...containers]];
    // With several, the error does not tell which of them failed: each is then removed alone.
    if (containers.length === 1) await remove(doing, args, /no such container/i);
    else answerOf(doing, await attempt(args));
    return containers.map(() => undefined);
  }

  return {
    async facts() {
      const late = AbortSignal.timeout(patience);
      const stop = AbortSignal.any(signal === undefined ? [late] : [signal, late]);
      const output = await attempt(['info', '--format', '{{json .}}'], undefined, stop);
      if (output.code === null && late.aborted) throw silent(patience);
      // A client whose engine does not answer prints an empty document all the same.
      if (output.code !== 0 || !output.stdout.startsWith('{')) {
        throw engineError('answer', output.stderr || output.stdout);
      }
      return readInfo(output.stdout);
    },
    async load(tar) {
      await ask('load the image', ['load'], tar);
    },
    async names(image) {
      const said = await lookAt(image, '{{json .RepoTags}}');
      if (said === undefined) return undefined;
      return (JSON.parse(said) as readonly string[] | null) ?? [];
    },
    imageId: (name) => lookAt(name, '{{.Id}}'),
    loadRecords: async () => readRecords(await ask('list its volumes', listRecords)),
    async recordLoad(record) {
      answerOf('create a volume', await attempt(makeRecord(record)));
    },
    forgetLoad: (record) =>
      remove('remove a volume', ['volume', 'rm', recordVolume(record)], /no such volume/i),
    async name(image, name) {
      answerOf('name an image', await attempt(['image', 'tag', image, name]));
    },
    removeImage: (name) =>
      removals(() => remove('remove an image', ['image', 'rm', name], /no such image/i)),
    create: async (spec) => answerOf('create a container', await created(spec)),
    async copyIn(container, tar, stop) {
      const signals = [signal, stop].filter((one) => one !== undefined);
      const asked = ['cp', '-', `${container}:/`];
      const output = await attempt(asked, tar, AbortSignal.any(signals));
      answerOf('copy files into a container', output);
    },
    async copyOut(container, path, read) {
      const { stdout, stderr, exit } = ports.exec.start(
        command(['cp', `${container}:${path}`, '-']),
      );
      const said: string[] = [];
      const listen = async () => {
        for await (const line of lines(stderr)) said.push(line);
      };
      const [ended] = await Promise.all([exit, read(stdout), listen()]);
      if (ended.notStarted !== undefined) throw notStarted(ended.notStarted);
      if (ended.code !== 0) throw engineError('copy a file out of a container', said.join('\n'));
    },
    start(container) {
      const running = ports.exec.start(command(['start', '--attach', container]));
      const { stdout, stderr, exit: ended } = running;
      return { stdout, stderr, ended, leave: () => running.kill('SIGKILL') };
    },
    inspect: together(states),
    async blockedSignals(container) {
      const rows = await ask('list processes', ['top', container, '-eLo', 'pid,blocked']);
      return rows.split('\n').flatMap((row) => /^\s*\d+\s+([0-9a-f]+)\s*$/i.exec(row)?.[1] ?? []);
    },
    kill: (container) =>
      remove('stop a container', ['kill', container], /no such container|is not running/i),
    remove: together(removed),
    async containers(run) {
      const stdout = await ask('list containers', [
        'ps',
        '-aq',
        '--no-trunc',
        '--filter',
        `name=${containerNames(run)}`,
      ]);
      return stdout.split('\n').filter((line) => line !== '');
    },
  };
}
