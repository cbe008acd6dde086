import { Readable } from 'node:stream';
import { engineError } from '../../src/engine/errors.js';
import type { Attached, ContainerSpec, ContainerState, Engine } from '../../src/engine/index.js';
import type { Clock, Exit } from '../../src/ports/index.js';

const text = (content: string) => Readable.from([Buffer.from(content)]);

/** An engine of which a test says what it does; everything else it may not be asked. */
export function engineThat(does: Partial<Engine>): Engine {
  const refuse = (name: string) => () => {
    throw new Error(`nobody should ask the engine to ${name}`);
  };
  return {
    facts: refuse('facts'),
    load: refuse('load'),
    names: refuse('names'),
    imageId: refuse('imageId'),
    loadRecords: refuse('loadRecords'),
    recordLoad: refuse('recordLoad'),
    forgetLoad: refuse('forgetLoad'),
    name: refuse('name'),
    removeImage: refuse('removeImage'),
    create: refuse('create'),
    copyIn: refuse('copyIn'),
    copyOut: refuse('copyOut'),
    start: refuse('start'),
    inspect: refuse('inspect'),
    blockedSignals: refuse('list processes'),
    kill: refuse('kill'),
    remove: refuse('remove'),
    containers: refuse('containers'),
    ...does,
  };
}

const EXITED: ContainerState = {
  running: false,
  exitCode: 0,
  outOfMemory: false,
  error: '',
};

export interface Program {
  /** What the engine says instead of making its container. */
  readonly refused?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly state?: Partial<ContainerState>;
  /** It ends by itself only if this is not set; else after so many kills. */
  readonly kills?: number;
  /** Signals that its processes block; without them the engine does not list any. */
  readonly blocked?: readonly string[];
}

/** An engine with one container that runs such a program. */
export function engineWith(program: Program) {
  const { refused, stdout = '', stderr = '', state = {}, kills, blocked } = program;
  const asked: string[] = [];
  const specs: ContainerSpec[] = [];
  let end: (exit: Exit) => void = () => {};
  const ended = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  const engine = engineThat({
    async create(spec) {
      if (refused !== undefined) throw engineError('create a container', refused);
      specs.push(spec);
      return 'c1';
    },
    start(container): Attached {
      asked.push(`start ${container}`);
      if (kills === undefined) end({ code: 0, signal: null });
      const leave = () => {
        asked.push('leave');
        end({ code: null, signal: 'SIGKILL' });
      };
      return { stdout: text(stdout), stderr: text(stderr), ended, leave };
    },
    inspect: async () => ({ ...EXITED, ...state }),
    async blockedSignals() {
      if (blocked === undefined) throw engineError('list processes', 'unknown option');
      return blocked;
    },
    async kill(container) {
      asked.push(`kill ${container}`);
      if (asked.filter((one) => one.startsWith('kill')).length === kills) {
        end({ code: 137, signal: null });
      }
    },
    async remove(container) {
      asked.push(`remove ${container}`);
    },
  });
  return { engine, asked, specs };
}

/** A clock whose sleepers wake as soon as everything else has had its turn. */
export function quickClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(0),
    ticks: () => 0,
    async sleep(milliseconds, signal) {
      slept.push(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}
