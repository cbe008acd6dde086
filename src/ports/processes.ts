import { hostname } from 'node:os';
import type { Files } from './files.js';

/** A process, distinguished from every other one that ever had its number. */
export interface ProcessIdentity {
  readonly host: string;
  /** The kernel's id of its own start, and the name space of the numbers; empty where unknown. */
  readonly boot: string;
  readonly space: string;
  readonly pid: number;
  /** When it started, in the kernel's own count; empty where unknown. */
  readonly started: string;
}

/** Processes of this machine. */
export interface Processes {
  identify(): Promise<ProcessIdentity>;
  /** `elsewhere`: on a machine or in a container whose processes cannot be seen from here. */
  state(identity: ProcessIdentity): Promise<'running' | 'gone' | 'elsewhere'>;
  /** Numbers of the processes that were started with `NAME=value` in their environment. */
  startedWith(name: string, value: string): Promise<readonly number[]>;
  /** Sends a signal; a process that is gone is no error. */
  send(pid: number, signal: NodeJS.Signals): void;
}

async function readOr(files: Files, path: string): Promise<string> {
  try {
    return (await files.read(path)).toString('utf8');
  } catch {
    return '';
  }
}

/**
 * The third and the 22nd field of proc_pid_stat(5), empty where there is none; the
 * second one, a name, may hold spaces and brackets.
 */
async function statOf(files: Files, pid: number) {
  const stat = await readOr(files, `/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

/** It has ended, and its parent has not waited for it: such a number may stay for ever. */
const ENDED = ['Z', 'X'];

async function spaceOf(files: Files): Promise<Pick<ProcessIdentity, 'host' | 'boot' | 'space'>> {
  const boot = (await readOr(files, '/proc/sys/kernel/random/boot_id')).trim();
  const space = await files.target('/proc/self/ns/pid').catch(() => '');
  return { host: hostname(), boot, space };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The real port over signals and /proc; without /proc a process is known by its number alone. */
export function realProcesses(files: Files): Processes {
  return {
    async identify() {
      const { pid } = process;
      const { started } = await statOf(files, pid);
      return { ...(await spaceOf(files)), pid, started };
    },
    async state({ host, boot, space, pid, started }) {
      const here = await spaceOf(files);
      if (here.boot !== boot && here.host === host) return 'gone';
      // Where the kernel gives no id of its boot, the host's name has to do.
      const same =
        here.boot === boot && here.space === space && (boot !== '' || here.host === host);
      if (!same) return 'elsewhere';
      if (!exists(pid)) return 'gone';
      const stat = await statOf(files, pid);
      return stat.started === started && !ENDED.includes(stat.state) ? 'running' : 'gone';
    },
    async startedWith(name, value) {
      const numbers = (await files.list('/proc').catch(() => [])).filter((one) =>
        /^\d+$/.test(one),
      );
      const found = await Promise.all(
        numbers.map(async (one) => {
          const variables = (await readOr(files, `/proc/${one}/environ`)).split('\0');
          return variables.includes(`${name}=${value}`) ? [Number(one)] : [];
        }),
      );
      return found.flat();
    },
    send(pid, signal) {
      try {
        process.kill(pid, signal);
      } catch {
        // Gone meanwhile.
      }
    },
  };
}
