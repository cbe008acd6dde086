import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
}

export interface Running {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

export interface Output extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Child processes. `start` hands out the streams; `run` collects both, at most
 * `limit` bytes each (16 MiB), and never rejects for an exit code. Both fail with
 * `EMFILE` where too many files are open.
 */
export interface Exec {
  start(command: Command): Running;
  run(command: Command, limit?: number): Promise<Output>;
}

const LIMIT = 16 * 1024 * 1024;
const GRACE = 2_000;

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: null, signal: null, notStarted: error.code ?? error.message }),
    );
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/**
 * A child leads a group of its own: a terminal's Ctrl-C reaches us alone, who end
 * things in their order, and what the child has started ends with it.
 */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Everybody in it has gone, or is somebody else's by now.
  }
}

function feed(
  child: ChildProcess,
  input: Command['input'],
  kill: (signal: NodeJS.Signals) => void,
): void {
  const { stdin } = child;
  if (stdin === null) return;
  // A child that ends before it has read everything is judged by its exit, not by EPIPE.
  stdin.on('error', () => {});
  if (input === undefined || typeof input === 'string') stdin.end(input);
  else pipeline(input, stdin).catch(() => kill('SIGTERM'));
}

function tooManyFiles(file: string): Error {
  const message = `EMFILE: too many open files, spawn ${file}`;
  return Object.assign(new Error(message), { code: 'EMFILE', syscall: 'spawn', path: file });
}

function start(command: Command): Running {
  const child = spawn(command.file, command.args, {
    env: command.env,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const exit = exitOf(child);
  // Node makes no streams at all where no file is left for them.
  if (!child.stdout) throw tooManyFiles(command.file);
  let over = false;
  const kill = (signal: NodeJS.Signals) => {
    if (!over) killGroup(child, signal);
  };
  const stop = () => {
    kill('SIGTERM');
    setTimeout(() => kill('SIGKILL'), GRACE).unref();
  };
  if (command.signal?.aborted) stop();
  command.signal?.addEventListener('abort', stop, { once: true });
  exit.finally(() => {
    over = true;
    command.signal?.removeEventListener('abort', stop);
  });
  feed(child, command.input, kill);
  return {
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exit,
    kill,
  };
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
