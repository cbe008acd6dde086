import { describe, expect, test } from '@jest/globals';
import { prepare } from '../../src/environment/index.js';
import type { EnvironmentNeeds } from '../../src/environment/needs.js';
import { type Command, type CommandOutput, type Ports, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { createWorld, engineOf, portsOf, type World } from './world.js';

/* What is under way when something fails, and what is known of the engine afterwards. */

const real = realPorts();
const PLUGIN = '/usr/libexec/docker/cli-plugins/docker-buildx';

interface Described {
  readonly world?: World;
  readonly needs?: EnvironmentNeeds;
  readonly engine?: Partial<ReturnType<typeof engineOf>>;
  readonly signal?: AbortSignal;
  /** Answers a command instead of the world's client. */
  readonly answer?: (command: Command) => Promise<CommandOutput> | undefined;
  /** Whether the docker client's plugin is a program where it usually is. */
  readonly plugin?: boolean;
}

/** Prepares what is needed, and keeps which clients were started and which of them were ended. */
async function prepared({ world = createWorld(), needs = { builder: {} }, ...more }: Described) {
  const ports = portsOf(world, real);
  const commands: Command[] = [];
  const run: Ports['exec']['run'] = (command) => {
    commands.push(command);
    const { file, args } = command;
    const asClient = file === PLUGIN ? { ...command, args: ['buildx', ...args] } : command;
    return more.answer?.(command) ?? ports.exec.run(asClient);
  };
  const noted: Parameters<typeof recordInMemory>[1] = [];
  const outcome = await prepare(needs, {
    engine: { ...engineOf(world), ...more.engine },
    ports: {
      ...ports,
      exec: { ...ports.exec, run },
      files: {
        ...ports.files,
        isExecutable: async (path) => more.plugin === true && path === PLUGIN,
      },
    },
    record: recordInMemory('run-1', noted),
    signal: more.signal ?? new AbortController().signal,
  }).then(
    (environment) => ({ environment, error: undefined }),
    (error: unknown) => ({ environment: undefined, error }),
  );
  return { ...outcome, commands, noted, world };
}

/** A client that says nothing until it is ended. */
const untilEnded = ({ signal }: Command) =>
  new Promise<CommandOutput>((resolve) => {
    const ended = { code: null, signal: 'SIGTERM', stdout: '', stderr: '' };
    if (signal?.aborted) return resolve(ended);
    signal?.addEventListener('abort', () => resolve(ended));
  });

const isEarlyList = ({ file }: Command) => file === PLUGIN;

describe('the list of builders', () => {
  test('is begun before the engine has said which buildx it has, and ended where that does not answer', async () => {
    const fault = new Error('the engine is gone');
    const { error, commands } = await prepared({
      plugin: true,
      engine: { facts: () => Promise.reject(fault) },
      answer: (command) => (isEarlyList(command) ? untilEnded(command) : undefined),
    });
    expect(error).toBe(fault);
    expect(commands.map(({ file, signal }) => [file, signal?.aborted])).toEqual([[PLUGIN, true]]);
  });

  test('is asked for once where that is the buildx in use', async () => {
    const world = createWorld();
    const { environment, commands } = await prepared({
      plugin: true,
      world: { ...world, facts: { ...world.facts, buildxFile: PLUGIN } },
    });
    expect(environment).toMatchObject({ builder: { name: 'default' } });
    expect(commands.filter(({ args }) => args.includes('ls'))).toHaveLength(1);
  });

  test.each<[string, EnvironmentNeeds]>([
    ['no builder', { platforms: ['linux/amd64'] }],
    ['another buildx', { builder: { buildx: { version: '0.29.1' } } }],
  ])('is not begun where %s is needed', async (_, needs) => {
    const { commands } = await prepared({ plugin: true, needs });
    expect(commands.filter(isEarlyList)).toEqual([]);
  });
});

test('an interruption is what the run ends with, whatever its client says', async () => {
  const stop = new AbortController();
  const interrupted = (engine: Described['engine'], answer?: Described['answer']) =>
    prepared({ signal: stop.signal, ...(engine && { engine }), ...(answer && { answer }) });
  const end = () => {
    stop.abort('SIGTERM');
    return Promise.reject(new Error('the client was ended'));
  };
  expect((await interrupted({ facts: end })).error).toBe('SIGTERM');
  const inSetUp = await interrupted(undefined, ({ args }) =>
    args.includes('ls') ? end() : undefined,
  );
  expect(inSetUp.error).toBe('SIGTERM');
});

test('an engine that answers is noted, for what cleans up after the run', async () => {
  const { noted } = await prepared({ needs: {} });
  expect(noted).toEqual([{ answered: '28.5.2' }]);
});

test('containers of a run that cannot be prepared are removed', async () => {
  const world = createWorld({ containers: new Set(['left-1', 'left-2']) });
  const { error } = await prepared({
    world,
    answer: ({ args }) =>
      args.includes('ls')
        ? Promise.resolve({ code: 1, signal: null, stdout: '', stderr: 'no builders' })
        : undefined,
  });
  expect(error).toBeDefined();
  expect([...world.containers]).toEqual([]);
});

describe("whether the engine's loopback is this machine's", () => {
  const on = { registries: ['127.0.0.1:5000'] };

  test('is told where it was tested, and only there', async () => {
    const needs = (registries: readonly string[]) => ({ builder: { registries }, platforms: [] });
    const engineIn = async (registries: readonly string[]) => {
      const { environment } = await prepared({ needs: needs(registries) });
      const known = (environment as { readonly known?: Promise<object> } | undefined)?.known;
      return (await known) as { readonly surroundings: { readonly engine: object } };
    };
    expect((await engineIn(on.registries)).surroundings.engine).toMatchObject({
      sharesLoopback: 'no',
    });
    expect((await engineIn(['ghcr.io'])).surroundings.engine).not.toHaveProperty('sharesLoopback');
    expect((await engineIn([])).surroundings.engine).not.toHaveProperty('sharesLoopback');
  });

  test('is no longer tested where the builder cannot be used', async () => {
    const { error, commands } = await prepared({
      needs: { builder: on },
      answer: (command) => {
        if (command.args[0] === 'pull') return untilEnded(command);
        return command.args.includes('ls')
          ? Promise.resolve({ code: 1, signal: null, stdout: '', stderr: 'no builders' })
          : undefined;
      },
    });
    expect(error).toBeDefined();
    const [pull] = commands.filter(({ args }) => args[0] === 'pull');
    expect(pull?.signal?.aborted).toBe(true);
  });

  test('is no longer tested when the run is interrupted', async () => {
    const stop = new AbortController();
    const { environment, commands } = await prepared({
      signal: stop.signal,
      needs: { builder: on },
      answer: (command) => (command.args[0] === 'pull' ? untilEnded(command) : undefined),
    });
    stop.abort('SIGTERM');
    await environment?.undo();
    const [pull] = commands.filter(({ args }) => args[0] === 'pull');
    expect(pull?.signal?.aborted).toBe(true);
  });
});
