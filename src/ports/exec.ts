import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defined } from '../types/index.js';
import { capture } from './capture.js';

/** A program and its arguments; never a shell string. `env` is the child's whole environment. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: Readable | string;
  readonly signal?: AbortSignal;
}

/** How a child ended: `code` is null when a signal ended it or it could not be started. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the program could not be started, e.g. `ENOENT`. */
  readonly notStarted?: string;
  /** Why the input could not be read to its end; then the child was ended. */
  readonly inputFailed?: string;
}

/**
 * A child under way. `exit` is its own end; what it wrote may still be read then.
 * Outputs that others hold open end soon after it.
 */
interface Running {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<Exit>;
  /** Sends a signal to the child's group. */
  kill(signal: NodeJS.Signals): void;
}

/** How a program ended, and what it wrote. */
export interface CommandOutput extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Child processes. `start` hands out the streams; `run` collects both, at most
 * `limit` bytes each (16 MiB). Neither throws for an exit code, nor for a program
 * that cannot be started; both fail with `EMFILE` where too many files are open.
 */
export interface Exec {
  start(command: Command): Running;
  run(command: Command, limit?: number): Promise<CommandOutput>;
}

const LIMIT = 16 * 1024 * 1024;
const GRACE = 2_000;

/** Outputs are looked at so often after a child's end, that many milliseconds apart. */
const LOOKS = 4;
const LOOK = 250;

function refused({ code, message }: NodeJS.ErrnoException): Exit {
  return { code: null, signal: null, notStarted: code ?? message };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(refused(error)));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/**
 * A process that the child has left behind may hold its outputs open for ever. What
 * the child wrote is in them when it ends, and has been read after a few turns unless
 * the reader is behind.
 */
function letGo(child: ChildProcess): void {
  const outputs = [child.stdout, child.stderr];
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    if (looks < LOOKS || outputs.some((output) => (output?.readableLength ?? 0) > 0)) return;
    clearInterval(timer);
    // As at its true end: destroyed at once it would be an error to its reader.
    for (const output of outputs) output?.push(null);
  }, LOOK);
  child.once('close', () => clearInterval(timer));
}

/**
 * A child leads a group of its own: a terminal's Ctrl-C reaches this process alone,
 * which ends things in their order, and what the child has started ends with it.
 */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All processes of it have gone, or the number is another group's by now.
  }
}

function feed(child: ChildProcess, input: Command['input'], failed: (error: Error) => void): void {
  const { stdin } = child;
  if (stdin === null) return;
  // A child that ends before it has read everything is judged by its exit, not by EPIPE.
  stdin.on('error', () => {});
  if (input === undefined || typeof input === 'string') {
    stdin.end(input);
    return;
  }
  input.once('error', (error) => {
    // It also fails where the child no longer reads it.
    if (!stdin.destroyed) failed(error);
  });
  pipeline(input, stdin).catch(() => {});
}

/** node tells some refusals of the system (E2BIG, ENOTDIR) by throwing, others by an event. */
function spawned(command: Command): ChildProcess | Exit {
  try {
    return spawn(command.file, command.args, {
      env: command.env,
      ...defined({ cwd: command.cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (error) {
    return refused(error as NodeJS.ErrnoException);
  }
}

function tooManyFiles(file: string): Error {
  const message = `EMFILE: too many open files, spawn ${file}`;
  return Object.assign(new Error(message), { code: 'EMFILE', syscall: 'spawn', path: file });
}

function start(command: Command): Running {
  const child = spawned(command);
  if ('notStarted' in child) {
    const nothing = () => Readable.from([]);
    return { stdout: nothing(), stderr: nothing(), exit: Promise.resolve(child), kill() {} };
  }
  return follow(child as ChildProcess, command);
}

function follow(child: ChildProcess, command: Command): Running {
  const exit = exitOf(child);
  // Node makes no streams at all where no file is left for them.
  if (!child.stdout) throw tooManyFiles(command.file);
  child.once('exit', () => letGo(child));
  let over = false;
  const kill = (signal: NodeJS.Signals) => {
    if (!over) killGroup(child, signal);
  };
  const stop = () => {
    kill('SIGTERM');
    setTimeout(() => kill('SIGKILL'), GRACE).unref();
  };
  if (command.signal?.aborted) stop();
  command.signal?.addEventListener('abort', stop);
  child.once('close', () => {
    over = true;
    command.signal?.removeEventListener('abort', stop);
  });
  let inputFailed: string | undefined;
  feed(child, command.input, ({ message }) => {
    inputFailed = message;
    kill('SIGTERM');
  });
  return {
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exit: exit.then((ended) => (inputFailed === undefined ? ended : { ...ended, inputFailed })),
    kill,
  };
}

/** The same, whose children end with the signal, too, whatever else ends them. */
export function abortable(by: Exec, signal: AbortSignal): Exec {
  const heed = (command: Command): Command => ({
    ...command,
    signal: command.signal === undefined ? signal : AbortSignal.any([command.signal, signal]),
  });
  return {
    start: (command) => by.start(heed(command)),
    run: (command, limit) => by.run(heed(command), limit),
  };
}

/** The system's refusal to start a program, in words where it has some: `E2BIG (…)`. */
export function explainStartFailure(code: string): string {
  const why = 'its arguments and variables are longer than the system allows';
  return code === 'E2BIG' ? `${code} (${why})` : code;
}

/** The real port over node:child_process. */
export const exec: Exec = {
  start,
  async run(command, limit = LIMIT) {
    const running = start(command);
    const [exit, stdout, stderr] = await Promise.all([
      running.exit,
      capture(running.stdout, limit),
      capture(running.stderr, limit),
    ]);
    return { ...exit, stdout: stdout.text, stderr: stderr.text };
  },
};
